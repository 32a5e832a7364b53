//! Which of our operations the provider's own record has, and how much it says was taken.

use mcpay_port::{Currency, OperationId};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::map::amounts::Amounts;
use crate::map::samples::operation;

fn event(name: &str, value: i64, key: &str, success: bool) -> Value {
    json!({
        "reference": "019a8d4e", "pspReference": "1234567891", "name": name,
        "amount": { "currency": "NOK", "value": value },
        "timestamp": "2026-03-01T10:00:00.1234567Z", "idempotencyKey": key, "success": success,
    })
}

fn log(events: &[Value]) -> Vec<PaymentEvent> {
    serde_json::from_value(json!(events)).unwrap()
}

fn charge(past: &[Value]) -> Charge {
    serde_json::from_value(json!({
        "id": "x", "amount": 1_000, "currency": "NOK", "status": "CHARGED", "history": past,
    }))
    .unwrap()
}

fn past(event: &str, amount: i64, key: &str, success: bool) -> Value {
    json!({
        "occurred": "2026-03-01T10:00:00Z", "event": event, "amount": amount,
        "idempotencyKey": key, "success": success,
    })
}

fn sought(deed: Deed) -> Sought {
    Sought {
        operation: operation(),
        deed,
        amount: Money::new(500, Currency::NOK),
    }
}

fn key() -> String {
    operation().id.to_string()
}

#[test]
fn an_operation_is_found_by_its_key_its_deed_and_its_amount() {
    let (in_log, in_history) = (Sought::is_in_log, Sought::is_in_history);
    let captured = log(&[event("CAPTURED", 500, &key(), true)]);
    assert!(in_log(&sought(Deed::Capture), &captured));
    assert!(!in_log(&sought(Deed::Refund), &captured));
    let refunded = charge(&[past("REFUND", 500, &key(), true)]);
    assert!(in_history(&sought(Deed::Refund), &refunded));
    assert!(!in_history(&sought(Deed::Capture), &refunded));
}

#[test]
fn what_is_almost_our_operation_is_not_it() {
    let other = OperationId(Uuid::from_u128(36)).to_string();
    for (name, amount, key, success) in [
        ("CAPTURED", 500, key(), false),
        ("CAPTURED", 501, key(), true),
        ("CAPTURED", 500, other.clone(), true),
        ("AUTHORIZED", 500, key(), true),
    ] {
        let told = log(&[event(name, amount, &key, success)]);
        assert!(
            !sought(Deed::Capture).is_in_log(&told),
            "{name} {amount} {success}"
        );
    }
    for (name, amount, key, success) in [
        ("CAPTURE", 500, key(), false),
        ("CAPTURE", 501, key(), true),
        ("CAPTURE", 500, other, true),
        ("RESERVE", 500, key(), true),
    ] {
        let told = charge(&[past(name, amount, &key, success)]);
        assert!(
            !sought(Deed::Capture).is_in_history(&told),
            "{name} {amount} {success}"
        );
    }
    let keyless = json!({ "event": "CAPTURE", "amount": 500, "success": true });
    assert!(!sought(Deed::Capture).is_in_history(&charge(&[keyless])));
    let mut in_euro = event("CAPTURED", 500, &key(), true);
    in_euro["amount"]["currency"] = json!("EUR");
    assert!(!sought(Deed::Capture).is_in_log(&log(&[in_euro])));
}

#[test]
fn only_what_succeeded_and_is_known_counts_for_the_aggregate() {
    let told = log(&[
        event("CREATED", 1_000, "a", true),
        event("AUTHORIZED", 1_000, "a", false),
        event("AUTHORIZED", 1_000, "a", true),
        event("CAPTURED", 300, "b", true),
        event("CAPTURED", 400, "c", false),
        event("CAPTURED", 200, "d", true),
        event("CANCELLED", 500, "", true),
        event("REFUNDED", 100, "e", true),
        event("SOMETHING_NEW", 9, "f", true),
    ]);
    let found = aggregate(&told, "NOK").unwrap();
    let expected = Amounts {
        authorized: 1_000,
        captured: 500,
        cancelled: 500,
        refunded: 100,
    };
    assert_eq!(Amounts::of_payment(&found, "NOK"), Ok(expected));
    assert!(aggregate(&told, "DKK").is_none(), "of another currency");
    assert!(
        aggregate(&told[..2], "NOK").is_none(),
        "nothing was authorised"
    );
    for gap in ["name", "amount", "success"] {
        let mut odd = event("CAPTURED", 1, "g", true);
        odd[gap] = json!(null);
        let told = log(&[event("AUTHORIZED", 1_000, "a", true), odd]);
        assert!(aggregate(&told, "NOK").is_none(), "no {gap}");
    }
}

proptest! {
    #[test]
    fn whatever_a_log_says_its_aggregate_adds_up_or_is_not_believed(
        events in proptest::collection::vec(
            (
                proptest::sample::select(vec!["AUTHORIZED", "CAPTURED", "CANCELLED", "REFUNDED"]),
                prop_oneof![4 => -10_i64..1_000, 1 => any::<i64>()],
                any::<bool>(),
            ),
            0..8,
        ),
    ) {
        let told: Vec<Value> = events.iter().map(|(name, value, ok)| event(name, *value, "k", *ok)).collect();
        let believed = aggregate(&log(&told), "NOK").and_then(|it| Amounts::of_payment(&it, "NOK").ok());
        if let Some(amounts) = believed {
            prop_assert!(amounts.captured + amounts.cancelled <= amounts.authorized);
            prop_assert!((0..=amounts.captured).contains(&amounts.refunded));
        }
    }
}
