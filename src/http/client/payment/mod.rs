//! Payments as their merchant sees them (CONTRACT 5).
//!
//! Amounts are strings with all the decimals of the currency, in major units, the same as in
//! events: a number of JSON becomes a float in most programs, and 349.10 is none.

pub mod cancel;
pub mod capture;
pub mod list;
pub mod read;
pub mod refund;

use actix_web::web::ServiceConfig;
use chrono::{DateTime, Utc};
use mcpay_port::{AgreementId, Flow, Money, PaymentMethod, PaymentRef};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::method::refuse_other_methods;
use crate::payments::payment::{Payment, Reason};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list)
        .service(read::read)
        .service(capture::capture)
        .service(refund::refund)
        .service(cancel::cancel);
    let methods = [
        ("/payment", "GET"),
        ("/payment/{mcPayRef}", "GET"),
        ("/payment/{mcPayRef}/capture", "POST"),
        ("/payment/{mcPayRef}/refund", "POST"),
        ("/payment/{mcPayRef}/cancel", "POST"),
    ];
    refuse_other_methods(config, &methods);
}

/// An amount in major units with all the currency's decimals.
pub fn major(money: Money) -> String {
    money.to_major().to_string()
}

/// A payment. All amounts are decimal strings in major units of `currency`, as in events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentBody {
    #[serde(rename = "mcPayRef")]
    #[schema(value_type = String, example = "019aa3f4-6c1e-7a52-9d3b-4f6e2b1c8d70")]
    pub reference: PaymentRef,
    /// `pending`, `success` or `failure`: what pages are told, and what lists are filtered by.
    #[schema(example = "success")]
    pub status: &'static str,
    /// `initiated`, `unknown`, `authorized`, `captured`, `refunded`, `cancelled`, `failed` or
    /// `expired`: what events call status.
    #[schema(example = "captured")]
    pub state: &'static str,
    /// `cancel`, `declined`, `expired` or `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    pub external_reference: String,
    pub payment_method: PaymentMethod,
    pub payment_flow: Flow,
    #[schema(example = "NOK")]
    pub currency: &'static str,
    #[schema(example = "349.50")]
    pub amount: String,
    pub vat_amount: String,
    pub authorized_amount: String,
    pub captured_amount: String,
    pub refunded_amount: String,
    /// Released without having been taken.
    pub cancelled_amount: String,
    /// The agreement that it opened, or is a charge of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub agreement_id: Option<AgreementId>,
    pub created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_at: Option<DateTime<Utc>>,
    /// When it is released, unless an order claims it before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
}

impl PaymentBody {
    pub fn of(payment: &Payment) -> Self {
        let amounts = &payment.amounts;
        let opened = payment.agreement.map(|agreement| agreement.id);
        Self {
            reference: payment.reference,
            status: payment.status.public().as_str(),
            state: payment.status.as_str(),
            reason: payment.reason.map(Reason::as_str),
            external_reference: payment.external_reference.clone(),
            payment_method: payment.method,
            payment_flow: payment.flow,
            currency: payment.amount.currency().code(),
            amount: major(payment.amount),
            vat_amount: major(payment.vat),
            authorized_amount: major(amounts.authorized),
            captured_amount: major(amounts.captured),
            refunded_amount: major(amounts.refunded),
            cancelled_amount: major(amounts.cancelled),
            agreement_id: opened.or(payment.charge_of),
            created_at: payment.created_at,
            authorized_at: payment.authorized_at,
            release_at: payment.release_at,
            ended_at: payment.ended_at,
        }
    }
}
