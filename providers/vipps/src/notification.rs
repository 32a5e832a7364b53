//! The provider's notifications: read without I/O, believed for nothing but "look at this payment".
//!
//! Two families come to the same address: ePayment names our reference, Recurring our external ids
//! and the full type of the event. Both are read leniently: what the signature proves is the
//! sender, and only the name of a payment of ours is needed.

use mcpay_port::{Forged, Hint, PaymentRef, RawNotification};
use serde_json::Value;

use crate::map::reference::Target;
use crate::signature;

/// Real events have less than 2 kilobytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

pub fn read_notification(raw: &RawNotification<'_>) -> Result<Hint, Forged> {
    let registration = raw.registration.ok_or(Forged::WrongKey)?;
    if raw.body.len() > MAX_BODY_BYTES {
        return Err(Forged::Unreadable);
    }
    signature::check(raw, registration)?;
    let event: Value = serde_json::from_slice(raw.body).map_err(|_| Forged::Unreadable)?;
    let hint = find_epayment(&event).or_else(|| find_charge(&event));
    hint.or_else(|| find_agreement(&event))
        .ok_or(Forged::Unreadable)
}

fn find_epayment(event: &Value) -> Option<Hint> {
    let payment = find_ours(event, "reference")?;
    Some(hint(payment, Some(Target::Payment(payment))))
}

/// The charge that opened an agreement is told under the agreement.
fn find_charge(event: &Value) -> Option<Hint> {
    let payment = find_ours(event, "chargeExternalId")?;
    let (agreement, charge) = (text(event, "agreementId"), text(event, "chargeId"));
    let is_first = text(event, "chargeType") == Some("INITIAL")
        || find_ours(event, "agreementExternalId") == Some(payment);
    let target = if is_first {
        agreement.and_then(Target::find_agreement)
    } else {
        agreement.and_then(|agreement| Target::find_charge(agreement, charge?))
    };
    Some(hint(payment, target))
}

fn find_agreement(event: &Value) -> Option<Hint> {
    let payment = find_ours(event, "agreementExternalId")?;
    Some(hint(
        payment,
        text(event, "agreementId").and_then(Target::find_agreement),
    ))
}

fn hint(payment: PaymentRef, target: Option<Target>) -> Hint {
    Hint {
        payment,
        provider_ref: target.map(|target| target.to_ref()),
    }
}

/// Only the form in which we write our references.
fn find_ours(event: &Value, field: &str) -> Option<PaymentRef> {
    text(event, field)?.parse().ok()
}

fn text<'a>(event: &'a Value, field: &str) -> Option<&'a str> {
    event.get(field)?.as_str()
}

#[cfg(test)]
#[path = "notification_test.rs"]
mod tests;
