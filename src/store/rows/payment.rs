//! A payment as a row.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use mcpay_port::{Currency, Money, ProviderRef};

use super::{currency, minor_of, parsed, stored, told, unreadable};
use crate::catalogue::CouponRef;
use crate::clients::{CapturePolicy, ClientCode};
use crate::payments::payment::{
    Amounts, Payment, PaymentAgreement, ProfileAsked, Reason, Reserved, ReturnKey, SettlementTerms,
    Status,
};
use crate::store::failure::Failure;
use crate::store::schema::payments;

/// Everything that is written when the payment begins.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = payments, treat_none_as_default_value = false)]
pub struct PaymentRow {
    pub mcpay_ref: String,
    pub client_code: String,
    pub account_id: String,
    pub method: String,
    pub flow: String,
    pub external_reference: String,
    pub currency: String,
    pub amount_minor: i64,
    pub vat_minor: i64,
    pub description: String,
    pub coupon_code: Option<String>,
    pub coupon_number: Option<i64>,
    #[diesel(embed)]
    pub standing: PaymentStanding,
    pub page_url: String,
    pub return_url: Option<String>,
    pub return_key: String,
    pub created_at: NaiveDateTime,
    pub capture: String,
    pub claim_within_milliseconds: i64,
    pub charge_of: Option<String>,
    pub due_at: Option<NaiveDateTime>,
}

/// Everything that may change later.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = payments, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PaymentStanding {
    pub agreement_id: Option<String>,
    pub agreement_active: Option<bool>,
    pub status: String,
    pub reason: Option<String>,
    pub authorized_minor: i64,
    pub captured_minor: i64,
    pub cancelled_minor: i64,
    pub refunded_minor: i64,
    pub provider_ref: Option<String>,
    pub next_step: Option<serde_json::Value>,
    pub closing: Option<String>,
    pub version: i64,
    pub event_sequence: i64,
    pub pay_before: NaiveDateTime,
    pub authorized_at: Option<NaiveDateTime>,
    pub ended_at: Option<NaiveDateTime>,
    pub inquire_at: Option<NaiveDateTime>,
    pub inquiries: i32,
    pub capture_reserved_minor: i64,
    pub refund_reserved_minor: i64,
    pub capture_refusals: i32,
    pub claimed: bool,
    pub release_at: Option<NaiveDateTime>,
    pub profile: Option<String>,
}

impl PaymentRow {
    pub fn of(payment: &Payment) -> Result<Self, Failure> {
        let currency = payment.amount.currency();
        Ok(Self {
            mcpay_ref: payment.reference.to_string(),
            client_code: payment.client.as_str().to_owned(),
            account_id: payment.account.to_string(),
            method: payment.method.as_str().to_owned(),
            flow: payment.flow.as_str().to_owned(),
            external_reference: payment.external_reference.clone(),
            currency: currency.code().to_owned(),
            amount_minor: payment.amount.minor(),
            vat_minor: minor_of(payment.vat, currency)?,
            description: payment.description.clone(),
            coupon_code: payment.coupon.as_ref().map(|coupon| coupon.code.clone()),
            coupon_number: payment.coupon.as_ref().map(|coupon| coupon.number),
            standing: PaymentStanding::of(payment, payment.version)?,
            page_url: payment.page_url.clone(),
            return_url: payment.return_url.clone(),
            return_key: payment.return_key.0.clone(),
            created_at: stored(payment.created_at),
            capture: payment.terms.capture.as_str().to_owned(),
            claim_within_milliseconds: payment.terms.claim_within.num_milliseconds(),
            charge_of: payment.charge_of.map(|agreement| agreement.to_string()),
            due_at: payment.due_at.map(stored),
        })
    }

    pub fn read(self) -> Result<Payment, Failure> {
        let currency = currency(&self.currency, "payments.currency")?;
        let standing = self.standing;
        let money = |minor| Money::new(minor, currency);
        let (amounts, reserved) = (standing.amounts(currency), standing.reserved(currency));
        let agreement = match (&standing.agreement_id, standing.agreement_active) {
            (Some(id), Some(active)) => Some(PaymentAgreement {
                id: parsed(id, "payments.agreement_id")?,
                active,
            }),
            _ => None,
        };
        Ok(Payment {
            reference: parsed(&self.mcpay_ref, "payments.mcpay_ref")?,
            client: ClientCode(self.client_code),
            account: parsed(&self.account_id, "payments.account_id")?,
            method: parsed(&self.method, "payments.method")?,
            flow: parsed(&self.flow, "payments.flow")?,
            external_reference: self.external_reference,
            amount: money(self.amount_minor),
            vat: money(self.vat_minor),
            description: self.description,
            coupon: self
                .coupon_code
                .zip(self.coupon_number)
                .map(|(code, number)| CouponRef { code, number }),
            agreement,
            charge_of: self
                .charge_of
                .map(|id| parsed(&id, "payments.charge_of"))
                .transpose()?,
            terms: terms(&self.capture, self.claim_within_milliseconds)?,
            status: Status::from_name(&standing.status)
                .ok_or_else(|| unreadable("payments.status"))?,
            reason: reason(standing.reason.as_deref(), "payments.reason")?,
            amounts,
            reserved,
            capture_refusals: standing.capture_refusals,
            claimed: standing.claimed,
            release_at: standing.release_at.map(told),
            provider_ref: standing.provider_ref.map(ProviderRef),
            next_step: standing
                .next_step
                .map(serde_json::from_value)
                .transpose()
                .map_err(|_| unreadable("payments.next_step"))?,
            due_at: self.due_at.map(told),
            profile: asked(standing.profile.as_deref())?,
            page_url: self.page_url,
            return_url: self.return_url,
            return_key: ReturnKey(self.return_key),
            closing: reason(standing.closing.as_deref(), "payments.closing")?,
            version: standing.version,
            event_sequence: standing.event_sequence,
            created_at: told(self.created_at),
            pay_before: told(standing.pay_before),
            authorized_at: standing.authorized_at.map(told),
            ended_at: standing.ended_at.map(told),
            inquire_at: standing.inquire_at.map(told),
            inquiries: standing.inquiries,
        })
    }
}

fn terms(capture: &str, claim_within_milliseconds: i64) -> Result<SettlementTerms, Failure> {
    Ok(SettlementTerms {
        capture: CapturePolicy::from_name(capture).ok_or_else(|| unreadable("payments.capture"))?,
        claim_within: TimeDelta::try_milliseconds(claim_within_milliseconds)
            .ok_or_else(|| unreadable("payments.claim_within_milliseconds"))?,
    })
}

fn asked(name: Option<&str>) -> Result<Option<ProfileAsked>, Failure> {
    let unknown = || unreadable("payments.profile");
    name.map(|name| ProfileAsked::from_name(name).ok_or_else(unknown))
        .transpose()
}

impl PaymentStanding {
    fn amounts(&self, currency: Currency) -> Amounts {
        let money = |minor| Money::new(minor, currency);
        Amounts {
            authorized: money(self.authorized_minor),
            captured: money(self.captured_minor),
            cancelled: money(self.cancelled_minor),
            refunded: money(self.refunded_minor),
        }
    }

    fn reserved(&self, currency: Currency) -> Reserved {
        Reserved {
            captured: Money::new(self.capture_reserved_minor, currency),
            refunded: Money::new(self.refund_reserved_minor, currency),
        }
    }

    pub fn of(payment: &Payment, version: i64) -> Result<Self, Failure> {
        let currency = payment.amount.currency();
        Ok(Self {
            agreement_id: payment.agreement.map(|agreement| agreement.id.to_string()),
            agreement_active: payment.agreement.map(|agreement| agreement.active),
            status: payment.status.as_str().to_owned(),
            reason: payment.reason.map(|reason| reason.as_str().to_owned()),
            authorized_minor: minor_of(payment.amounts.authorized, currency)?,
            captured_minor: minor_of(payment.amounts.captured, currency)?,
            cancelled_minor: minor_of(payment.amounts.cancelled, currency)?,
            refunded_minor: minor_of(payment.amounts.refunded, currency)?,
            provider_ref: payment
                .provider_ref
                .as_ref()
                .map(|id| id.as_str().to_owned()),
            next_step: payment
                .next_step
                .as_ref()
                .map(serde_json::to_value)
                .transpose()
                .map_err(|_| Failure::broken("the payment's next step cannot be written"))?,
            closing: payment.closing.map(|reason| reason.as_str().to_owned()),
            version,
            event_sequence: payment.event_sequence,
            pay_before: stored(payment.pay_before),
            authorized_at: payment.authorized_at.map(stored),
            ended_at: payment.ended_at.map(stored),
            inquire_at: payment.inquire_at.map(stored),
            inquiries: payment.inquiries,
            capture_reserved_minor: minor_of(payment.reserved.captured, currency)?,
            refund_reserved_minor: minor_of(payment.reserved.refunded, currency)?,
            capture_refusals: payment.capture_refusals,
            claimed: payment.claimed,
            release_at: payment.release_at.map(stored),
            profile: payment.profile.map(|asked| asked.as_str().to_owned()),
        })
    }
}

fn reason(name: Option<&str>, column: &str) -> Result<Option<Reason>, Failure> {
    name.map(|name| Reason::from_name(name).ok_or_else(|| unreadable(column)))
        .transpose()
}
