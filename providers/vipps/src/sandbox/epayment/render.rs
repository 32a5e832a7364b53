//! A payment as the API answers it.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use mcpay_port::Currency;
use serde_json::{Value, json};

use super::payment::{Event, Payment, Status};
use crate::sandbox::state::{State, locked};

/// What the card schemes guarantee at least.
const GUARANTEED_FOR: TimeDelta = TimeDelta::days(7);

pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(crate) fn amount(currency: Currency, value: i64) -> Value {
    json!({ "currency": currency.code(), "value": value })
}

fn aggregate(payment: &Payment) -> Value {
    let amount = |value| amount(payment.currency, value);
    json!({
        "authorizedAmount": amount(payment.authorized),
        "cancelledAmount": amount(payment.cancelled),
        "capturedAmount": amount(payment.captured),
        "refundedAmount": amount(payment.refunded),
    })
}

pub(crate) fn payment(state: &State, payment: &Payment) -> Value {
    let mut body = json!({
        "aggregate": aggregate(payment),
        "amount": amount(payment.currency, payment.amount),
        "state": payment.status.name(),
        "paymentMethod": { "type": "WALLET" },
        "profile": {},
        "pspReference": payment.psp_reference,
        "reference": payment.reference,
    });
    if payment.is_open() {
        body["redirectUrl"] = json!(state.landing_url(&payment.landing));
    }
    if let Some(metadata) = &payment.metadata {
        body["metadata"] = metadata.clone();
    }
    add_who_paid(state, payment, &mut body);
    body
}

/// What is told of the payer once it is known, and until when the money is safe.
pub(crate) fn add_who_paid(state: &State, payment: &Payment, body: &mut Value) {
    if payment.status != Status::Authorized {
        return;
    }
    if let Some(authorized_at) = payment.authorized_at {
        body["captureGuaranteedUntil"] = json!(time(authorized_at + GUARANTEED_FOR));
    }
    let Some(sub) = payment.visit.sub(state.now()) else {
        return;
    };
    body["profile"] = json!({ "sub": sub });
    let consents = locked(&state.consents);
    if let Some(consent) = consents.get(&(payment.unit.clone(), sub.to_owned())) {
        body["userDetails"] = consent.details();
    }
}

/// The answer to a change: the payment without what it was made with.
pub(crate) fn modified(payment: &Payment) -> Value {
    json!({
        "amount": amount(payment.currency, payment.amount),
        "state": payment.status.name(),
        "aggregate": aggregate(payment),
        "pspReference": payment.psp_reference,
        "reference": payment.reference,
    })
}

pub(crate) fn event(payment: &Payment, event: &Event) -> Value {
    let mut body = json!({
        "reference": payment.reference,
        "pspReference": event.psp_reference,
        "name": event.name,
        "amount": amount(payment.currency, event.amount),
        "timestamp": time(event.at),
        "success": event.success,
    });
    if let Some(key) = &event.key {
        body["idempotencyKey"] = json!(key);
    }
    body
}
