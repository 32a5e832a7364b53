//! The mcPay API behind the library (CONTRACT 4): public, any origin, the token is the
//! authorisation.

pub mod cancel;
pub mod come_back;
pub mod complete;
pub mod payment_init;
pub mod status;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use mcpay_port::{PaymentRef, View};
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::method::refuse_other_methods;
use super::problem::{Code, Problem};
use super::rate_limit;
use crate::payments::payment::{Payment, PublicStatus};
use mcpay_port::NextStep;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(payment_init::payment_init)
        .service(status::status)
        .service(complete::complete)
        .service(cancel::cancel)
        .service(come_back::come_back);
    // After the services above, which take the right methods only.
    let methods = [
        ("/paymentInit", "POST"),
        ("/payments/{mcPayRef}", "GET"),
        ("/payments/{mcPayRef}/complete", "POST"),
        ("/payments/{mcPayRef}/cancel", "POST"),
        ("/payments/{mcPayRef}/return", "GET"),
    ];
    refuse_other_methods(config, &methods);
}

/// How a payment stands, as far as a page may know.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusBody {
    #[serde(rename = "mcPayRef")]
    #[schema(value_type = String, example = "019aa3f4-6c1e-7a52-9d3b-4f6e2b1c8d70")]
    pub reference: PaymentRef,
    #[schema(example = "pending")]
    /// `pending`, `success` (authorised or captured) or `failure`.
    pub status: &'static str,
    /// `cancel`, `declined`, `expired` or `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The provider's view, while a seamless payment is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
}

impl StatusBody {
    pub fn of(payment: &Payment) -> Self {
        let status = payment.status.public();
        let view = match &payment.next_step {
            Some(NextStep::Seamless(view)) if status == PublicStatus::Pending => Some(view.clone()),
            _ => None,
        };
        Self {
            reference: payment.reference,
            status: status.as_str(),
            reason: payment.reason.map(crate::payments::payment::Reason::as_str),
            view,
        }
    }
}

/// Reads the reference of the path and counts the request for its address and payment.
fn admit(app: &App, request: &HttpRequest, reference: &str) -> Result<PaymentRef, Problem> {
    let address = app.trusted_proxies.client_of(request);
    let payment: Option<PaymentRef> = reference.parse().ok();
    rate_limit::note(request, app.limits.admit_address(address, payment)?);
    payment.ok_or_else(|| Problem::detailed(Code::NotFound, "There is no such payment."))
}
