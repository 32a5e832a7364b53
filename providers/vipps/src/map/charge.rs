//! A charge of an agreement: our order -> its body, and the charge as read -> the provider's truth
//! in our words.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use mcpay_port::{
    ChargeOrder, EndReason, Failure, FailureKind, Money, Operation, Permission, ProviderError,
    Snapshot, Standing,
};

use crate::config::Settings;
use crate::map::amounts::{Amounts, approved, currency, ended, unknown};
use crate::map::reference::{ChargeName, Target};
use crate::map::text::short_description;
use crate::problem::unsupported;
use crate::wire::answer::Charge;
use crate::wire::request::{ChargeModification, CreateCharge};

/// How long the provider keeps trying after the due date. It recommends two days at least.
pub const RETRY_DAYS: u32 = 2;

/// Captured as it is made, under every capture policy (CONTRACT 8.2). Its id is the operation's.
/// All of it is fixed by the order, since a repetition under the same key must have the same body.
///
/// # Errors
/// `DidNotHappen` when there is no day, and the account may not charge without one.
pub fn create(
    settings: &Settings,
    operation: Operation,
    order: &ChargeOrder,
) -> Result<CreateCharge, ProviderError> {
    let due = order.due;
    if due.is_none() && !settings.unscheduled {
        return Err(unsupported("the charge has no due date"));
    }
    Ok(CreateCharge {
        amount: order.amount.minor(),
        transaction_type: "DIRECT_CAPTURE",
        kind: if due.is_some() {
            "RECURRING"
        } else {
            "UNSCHEDULED"
        },
        description: short_description(&order.description),
        due: due.map(|date| date.format("%Y-%m-%d").to_string()),
        retry_days: due.map(|_| RETRY_DAYS),
        order_id: operation.id.to_string(),
        external_id: order.reference.to_string(),
    })
}

/// The day of a charge that nobody gave a day; none where the account is charged without one.
///
/// A due date is a day ahead at least. In the evening it is already tomorrow in the Nordic
/// countries, at most three hours ahead of UTC, and then the day after is the first that nobody
/// disputes. A fourth hour is for repetitions: the day stays what it is, and a charge that has not
/// arrived before it is too soon is refused for good.
pub fn first_due(settings: &Settings, asked_at: DateTime<Utc>) -> Option<NaiveDate> {
    (!settings.unscheduled).then(|| (asked_at + Duration::hours(24 + 3 + 1)).date_naive())
}

pub fn capture(amount: Money) -> ChargeModification {
    ChargeModification {
        amount: amount.minor(),
        description: "Captured by the merchant",
    }
}

pub fn refund(amount: Money) -> ChargeModification {
    ChargeModification {
        amount: amount.minor(),
        description: "Refunded by the merchant",
    }
}

/// # Errors
/// A [`Failure`] when the answer is about another charge, or its amount cannot be read.
pub fn snapshot(asked: &ChargeName, charge: &Charge) -> Result<Snapshot, Failure> {
    if charge.id != asked.charge {
        let failure = Failure::new(FailureKind::BadAnswer);
        return Err(failure.titled("the answer is about another charge"));
    }
    let currency = currency(&charge.currency)?;
    let (standing, amounts) = standing(charge);
    let money = |minor| Money::new(minor, currency);
    Ok(Snapshot {
        provider_ref: Target::Charge(asked.clone()).to_ref(),
        reference: charge.external_id.clone(),
        order_amount: money(charge.amount),
        standing,
        authorized: money(amounts.authorized),
        captured: money(amounts.captured),
        cancelled: money(amounts.cancelled),
        refunded: money(amounts.refunded),
        refunds: Vec::new(),
        agreement: Permission::NotTold,
        profile_subject: None,
    })
}

/// Whether the provider is at it just now: it may still take the money, also under an agreement that
/// has ended meanwhile.
pub fn is_being_taken(charge: &Charge) -> bool {
    matches!(charge.status.as_str(), "PROCESSING" | "UNKNOWN")
}

fn standing(charge: &Charge) -> (Standing, Amounts) {
    match charge.status.as_str() {
        // `UNKNOWN` is a short pause of the provider's, not a verdict.
        "PENDING" | "DUE" | "PROCESSING" | "UNKNOWN" => (Standing::Pending, Amounts::default()),
        status @ ("RESERVED" | "PARTIALLY_CAPTURED" | "CHARGED" | "PARTIALLY_REFUNDED"
        | "REFUNDED") => approved(status, money_moved(status, charge)),
        status @ "FAILED" => ended(status, EndReason::Declined, took_nothing(charge)),
        // A reservation that was released is a payment that was approved and cancelled.
        status @ "CANCELLED" if charge.was_reserved() => {
            let released = |()| Amounts::released(charge.amount);
            approved(status, took_nothing(charge).map(released))
        }
        status @ "CANCELLED" => ended(status, EndReason::Cancelled, took_nothing(charge)),
        other => (unknown(other), Amounts::default()),
    }
}

/// A charge of which a part was captured is `CHARGED` once the rest is released (Recurring API,
/// "Charge states"), so neither end goes with money. A summary that is missing contradicts nothing.
fn took_nothing(charge: &Charge) -> Result<(), &'static str> {
    match &charge.summary {
        Some(summary) if summary.captured != 0 => Err("it is over and yet captured"),
        Some(summary) if summary.refunded != 0 => Err("it is over and yet refunded"),
        _ => Ok(()),
    }
}

/// The summary must be as far as the status is: one that lags behind would hide money.
fn money_moved(status: &str, charge: &Charge) -> Result<Amounts, &'static str> {
    let amounts = Amounts::of_charge(charge)?;
    match status {
        "RESERVED" if amounts.captured > 0 => Err("it is reserved and yet captured"),
        "RESERVED" => Ok(amounts),
        _ if amounts.captured == 0 => Err("nothing is captured"),
        "PARTIALLY_REFUNDED" | "REFUNDED" if amounts.refunded == 0 => Err("nothing is refunded"),
        _ => Ok(amounts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::{REFERENCE, charge_order, operation, settings};
    use serde_json::{Value, json};

    fn body(settings: &Settings, due: Option<&str>) -> Value {
        let mut order = charge_order();
        order.due = due.map(|date| date.parse().unwrap());
        let body = create(settings, operation(), &order).unwrap();
        serde_json::to_value(body).unwrap()
    }

    #[test]
    fn a_charge_is_due_on_its_day_and_tried_for_two_more() {
        assert_eq!(
            body(&settings(), Some("2026-03-02")),
            json!({
                "amount": 34_900, "transactionType": "DIRECT_CAPTURE", "type": "RECURRING",
                "description": "Renewal", "due": "2026-03-02", "retryDays": 2,
                "orderId": operation().id.to_string(), "externalId": REFERENCE,
            })
        );
    }

    #[test]
    fn without_a_date_it_is_due_on_the_first_day_that_stays_good_for_an_hour() {
        let due = |asked_at: &str| first_due(&settings(), asked_at.parse().unwrap()).unwrap();
        for (asked_at, day) in [
            ("2026-03-01T10:00:00Z", "2026-03-02"),
            ("2026-03-01T19:59:59Z", "2026-03-02"),
            ("2026-03-01T20:00:00Z", "2026-03-03"),
            ("2026-12-31T23:30:00Z", "2027-01-02"),
        ] {
            assert_eq!(due(asked_at).to_string(), day, "{asked_at}");
        }
    }

    #[test]
    fn without_a_date_it_is_refused_unless_the_account_charges_unscheduled() {
        let mut order = charge_order();
        order.due = None;
        let error = create(&settings(), operation(), &order).err().unwrap();
        assert_eq!(error.failure().kind, FailureKind::Unsupported);
        assert!(!error.may_have_happened());
    }

    #[test]
    fn an_asked_date_is_kept_also_where_the_account_charges_unscheduled() {
        let mut settings = settings();
        settings.unscheduled = true;
        let dated = body(&settings, Some("2026-04-01"));
        assert_eq!(
            (&dated["type"], &dated["due"]),
            (&json!("RECURRING"), &json!("2026-04-01"))
        );
        let at_once = body(&settings, None);
        assert_eq!(at_once["type"], "UNSCHEDULED");
        assert_eq!((at_once.get("due"), at_once.get("retryDays")), (None, None));
        assert_eq!(
            first_due(&settings, "2026-03-01T10:00:00Z".parse().unwrap()),
            None
        );
    }
}
