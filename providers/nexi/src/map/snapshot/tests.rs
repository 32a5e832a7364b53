//! What is promised of snapshots: every state that the provider shows.

use super::*;
use crate::map::samples::{PAYMENT_ID, REFERENCE, attempt, now};
use mcpay_port::{AgreementRef, ChargeAttempt, Operation, OperationId};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn sample(change: &Value) -> Payment {
    let mut payment = json!({
        "paymentId": PAYMENT_ID,
        "summary": {},
        "paymentDetails": { "cardDetails": {} },
        "orderDetails": { "amount": 34_900, "currency": "NOK", "reference": REFERENCE },
        "created": "2026-11-19T12:00:00.1001+00:00",
    });
    for (name, value) in change.as_object().unwrap() {
        payment[name] = value.clone();
    }
    serde_json::from_value(payment).unwrap()
}

fn read(attempt: &Attempt, payment: &Payment) -> Result<Snapshot, Failure> {
    let asked = ProviderRef(PAYMENT_ID.to_owned());
    snapshot(attempt, &asked, payment, Some(now()))
}

fn standing_of(change: &Value) -> Standing {
    read(&attempt(), &sample(change)).unwrap().standing
}

fn registration() -> Attempt {
    Attempt {
        amount: Money::zero(Currency::NOK),
        ..attempt()
    }
}

#[test]
fn a_session_is_pending_for_48_hours_by_nexis_clock() {
    let created = |time: &str| json!({ "created": time });
    let expired = Standing::Ended(EndReason::Expired);
    // The clock stands at noon of the twentieth, UTC.
    for (time, standing) in [
        ("2026-11-18T12:00:00.0000+00:00", Standing::Pending),
        ("2026-11-18T11:59:59.0000+00:00", expired.clone()),
        ("2026-11-18T13:59:59.0000+02:00", expired),
        ("2026-11-18T13:00:01.0000+01:00", Standing::Pending),
        ("no time at all", Standing::Pending),
    ] {
        assert_eq!(standing_of(&created(time)), standing, "{time}");
    }
    let old = sample(&created("2020-01-01T00:00:00.0000+00:00"));
    let asked = ProviderRef(PAYMENT_ID.to_owned());
    let seen = snapshot(&attempt(), &asked, &old, None).unwrap();
    assert_eq!(seen.standing, Standing::Pending, "without a clock");
}

#[test]
fn money_counts_also_when_the_session_is_old_or_terminated() {
    let taken = json!({
        "summary": { "reservedAmount": 34_900 },
        "created": "2020-01-01T00:00:00.0000+00:00",
        "terminated": "2020-01-02T00:00:00.0000+00:00",
    });
    assert_eq!(standing_of(&taken), Standing::Approved);
}

#[test]
fn an_answer_without_an_amount_or_in_no_currency_is_not_believed() {
    for change in [
        json!({ "orderDetails": { "amount": 34_900, "currency": "XXX" } }),
        json!({ "orderDetails": { "currency": "NOK" } }),
        json!({ "orderDetails": null }),
    ] {
        let failure = read(&attempt(), &sample(&change)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadAnswer, "{change}");
    }
}

#[test]
fn an_answer_about_another_payment_or_about_none_is_not_believed() {
    let read = |answer: Value| {
        let asked = ProviderRef(PAYMENT_ID.to_owned());
        payment(&asked, serde_json::from_value(answer).unwrap())
    };
    for answer in [
        json!({}),
        json!({ "payment": { "paymentId": "ffff000061f2a5bf3e5b4e8a1cd3e487" } }),
    ] {
        let failure = read(answer).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadAnswer);
    }
    let hyphened = "02540000-61F2-A5BF-3E5B-4E8A1CD3E487";
    assert!(read(json!({ "payment": { "paymentId": hyphened } })).is_ok());
}

#[test]
fn the_reference_is_ours_or_else_the_orders() {
    let seen = |change| read(&attempt(), &sample(&change)).unwrap().reference;
    assert_eq!(seen(json!({})).as_deref(), Some(REFERENCE));
    let changed = json!({ "myReference": "mine" });
    assert_eq!(seen(changed).as_deref(), Some("mine"));
}

#[test]
fn a_registration_needs_the_agreement_and_how_it_was_made() {
    let stored = json!({ "unscheduledSubscriptionId": "92143051e9e441f798b9c7e1b3a2d6c8" });
    let standing = |kind: Value, stored: Value| {
        let seen = sample(&json!({
            "orderDetails": { "currency": "NOK" },
            "paymentDetails": { "paymentType": kind },
            "unscheduledSubscription": stored,
        }));
        let seen = read(&registration(), &seen).unwrap();
        assert_eq!(
            seen.agreement.token().is_some(),
            seen.standing == Standing::Approved
        );
        assert!(seen.authorized.is_zero() && seen.order_amount.is_zero());
        seen.standing
    };
    assert_eq!(standing(json!("CARD"), stored.clone()), Standing::Approved);
    assert_eq!(standing(json!(""), stored.clone()), Standing::Pending);
    assert_eq!(standing(json!(null), stored), Standing::Pending);
    assert_eq!(standing(json!("CARD"), json!({})), Standing::Pending);
}

#[test]
fn a_registration_with_amounts_is_neither_success_nor_failure() {
    let paid = sample(&json!({
        "orderDetails": { "currency": "NOK" },
        "summary": { "reservedAmount": 100 },
    }));
    let seen = read(&registration(), &paid).unwrap();
    assert!(matches!(seen.standing, Standing::Unknown(_)));
}

#[test]
fn a_charge_of_an_agreement_brings_no_permission_of_its_own() {
    let charged = sample(&json!({
        "summary": { "reservedAmount": 34_900, "chargedAmount": 34_900 },
        "subscription": { "id": "92143051e9e441f798b9c7e1b3a2d6c8" },
    }));
    assert!(
        read(&attempt(), &charged)
            .unwrap()
            .agreement
            .token()
            .is_some()
    );
    let charge = ChargeAttempt {
        operation: Operation {
            id: OperationId(Uuid::nil()),
            number: 1,
        },
        agreement: AgreementRef {
            token: "subscription.1".into(),
            payer_reference: "payer-1".to_owned(),
        },
    };
    let attempt = Attempt {
        charge: Some(charge),
        ..attempt()
    };
    assert!(
        read(&attempt, &charged)
            .unwrap()
            .agreement
            .token()
            .is_none()
    );
}

fn any_amount() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![
        Just(None),
        (0_i64..400).prop_map(Some),
        any::<i64>().prop_map(Some),
        Just(Some(i64::MAX)),
        Just(Some(i64::MIN)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_nexi_says_the_amounts_add_up_or_are_not_believed(
        reserved in any_amount(),
        charged in any_amount(),
        cancelled in any_amount(),
        refunded in any_amount(),
    ) {
        let seen = read(&attempt(), &sample(&json!({ "summary": {
            "reservedAmount": reserved, "chargedAmount": charged,
            "cancelledAmount": cancelled, "refundedAmount": refunded,
        }}))).unwrap();
        let [authorized, captured, cancelled, refunded] =
            [seen.authorized, seen.captured, seen.cancelled, seen.refunded].map(Money::minor);
        prop_assert!([authorized, captured, cancelled, refunded].iter().all(|minor| *minor >= 0));
        prop_assert!(captured + cancelled <= authorized && refunded <= captured);
        prop_assert_eq!(authorized > 0, seen.standing == Standing::Approved);
    }

    #[test]
    fn amounts_of_any_currency_come_back_as_they_were(
        minor in 1_i64..=i64::from(i32::MAX),
        code in prop::sample::select(vec!["JPY", "NOK", "BHD"]),
    ) {
        let seen = read(&attempt(), &sample(&json!({
            "orderDetails": { "amount": minor, "currency": code },
            "summary": { "reservedAmount": minor },
        }))).unwrap();
        let money = Money::new(minor, code.parse().unwrap());
        prop_assert_eq!((seen.order_amount, seen.authorized), (money, money));
        prop_assert!(seen.captured.is_zero() && seen.cancelled.is_zero());
    }
}
