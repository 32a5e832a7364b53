//! The table of `state.rs`, row by row.

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use mcpay_port::{AccountId, AgreementId, Currency, Flow, Money, PaymentMethod, PaymentRef};
use proptest::prelude::*;
use uuid::Uuid;

use super::method::OrderMethod;
use super::order::{Bundle, Order, OrderId, OrderSet, OrderStatus, SetId, SetStatus};
use super::state::{Step, apply};
use crate::clients::{CapturePolicy, ClientCode};
use crate::events::EventType;
use crate::payments::payment::{
    Amounts, Payment, PaymentAgreement, Reserved, ReturnKey, SettlementTerms, Status,
};

fn nok(minor: i64) -> Money {
    Money::new(minor, Currency::NOK)
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()
}

/// Authorised an hour ago, and claimed.
fn payment() -> Payment {
    Payment {
        reference: PaymentRef(Uuid::from_u128(1)),
        client: ClientCode("no.mediaconnect.test".into()),
        account: AccountId(Uuid::from_u128(2)),
        method: PaymentMethod::CreditcardPayex,
        flow: Flow::Redirect,
        external_reference: "order-1".into(),
        amount: nok(34_900),
        vat: nok(6_980),
        description: "Monthly".into(),
        coupon: None,
        agreement: None,
        charge_of: None,
        due_at: None,
        profile: None,
        terms: SettlementTerms {
            capture: CapturePolicy::OnOrder,
            claim_within: TimeDelta::hours(24),
        },
        reserved: Reserved::none(Currency::NOK),
        capture_refusals: 0,
        claimed: true,
        release_at: None,
        status: Status::Authorized,
        reason: None,
        amounts: amounts(34_900, 0, 0),
        provider_ref: None,
        next_step: None,
        page_url: "https://shop.example/".into(),
        return_url: None,
        return_key: ReturnKey("0".repeat(32)),
        closing: None,
        version: 4,
        event_sequence: 1,
        created_at: now(),
        pay_before: now(),
        authorized_at: Some(now() - TimeDelta::hours(1)),
        ended_at: None,
        inquire_at: None,
        inquiries: 0,
    }
}

fn amounts(authorized: i64, captured: i64, cancelled: i64) -> Amounts {
    Amounts {
        authorized: nok(authorized),
        captured: nok(captured),
        cancelled: nok(cancelled),
        refunded: nok(0),
    }
}

fn bundle() -> Bundle {
    let set = OrderSet {
        id: SetId(Uuid::from_u128(7)),
        client: payment().client,
        payment: payment().reference,
        status: SetStatus::Open,
        return_url: None,
        seen_version: 0,
        created_at: now(),
    };
    let order = |id: i64| Order {
        id: OrderId::new(id).unwrap(),
        client: payment().client,
        external_id: None,
        body_hash: [0; 32],
        method: OrderMethod::CreditcardPayex,
        amount: nok(17_450),
        vat: nok(3_490),
        coupon: None,
        recurring: false,
        prepaid: true,
        set: Some(set.id),
        status: OrderStatus::Preliminary,
        version: 0,
        event_sequence: 1,
        registered_at: now(),
        ended_at: None,
    };
    Bundle {
        orders: vec![order(1), order(2)],
        set,
    }
}

fn of_fulfilment() -> Bundle {
    let mut bundle = bundle();
    bundle.set.return_url = Some("https://shop.example/done".into());
    bundle
}

fn after(payment: &Payment) -> Step {
    apply(&bundle(), payment, now())
}

fn statuses(step: &Step) -> (SetStatus, Vec<OrderStatus>) {
    let orders = step.bundle.orders.iter().map(|order| order.status);
    (step.bundle.set.status, orders.collect())
}

#[test]
fn orders_are_fulfilled_only_once_everything_that_was_not_released_is_captured() {
    let rows = [
        (amounts(34_900, 0, 0), SetStatus::Open),
        (amounts(34_900, 34_899, 0), SetStatus::Open),
        (amounts(34_900, 34_900, 0), SetStatus::Settled),
        (amounts(34_900, 10_000, 24_900), SetStatus::Settled),
        (amounts(34_900, 0, 10_000), SetStatus::Open),
    ];
    for (amounts, set) in rows {
        let step = after(&Payment {
            amounts,
            ..payment()
        });
        let is_settled = set == SetStatus::Settled;
        let order = if is_settled {
            OrderStatus::Fulfilled
        } else {
            OrderStatus::Preliminary
        };
        assert_eq!(statuses(&step), (set, vec![order; 2]), "{amounts:?}");
        assert_eq!(step.event, is_settled.then_some(EventType::OrderFulfilled));
        assert!(step.freed.is_none());
        assert_eq!(step.bundle.set.seen_version, 4);
    }
}

#[test]
fn a_registration_of_a_card_pays_once_its_agreement_is_active() {
    let registers = |active| Payment {
        amount: nok(0),
        amounts: amounts(0, 0, 0),
        agreement: Some(PaymentAgreement {
            id: AgreementId(Uuid::from_u128(9)),
            active,
        }),
        ..payment()
    };
    assert_eq!(after(&registers(false)).event, None);
    assert_eq!(
        after(&registers(true)).event,
        Some(EventType::OrderFulfilled)
    );
}

#[test]
fn a_final_refusal_fails_the_orders_and_frees_the_claim() {
    let refused = |times| Payment {
        capture_refusals: times,
        ..payment()
    };
    assert_eq!(after(&refused(2)).event, None, "it is tried again");
    let step = after(&refused(3));
    assert_eq!(
        statuses(&step),
        (SetStatus::Dissolved, vec![OrderStatus::Failed; 2])
    );
    assert_eq!(step.event, Some(EventType::OrderFailed));
    let freed = step.freed.unwrap();
    assert!(!freed.claimed);
    let release_at = payment().authorized_at.unwrap() + TimeDelta::hours(24);
    assert_eq!(freed.release_at, Some(release_at), "rule 3 applies again");
}

#[test]
fn a_freed_payment_of_a_fulfilment_is_released_at_once() {
    let refused = Payment {
        capture_refusals: 3,
        ..payment()
    };
    let step = apply(&of_fulfilment(), &refused, now());
    assert_eq!(step.freed.unwrap().release_at, Some(now()));
}

#[test]
fn a_freed_payment_of_another_policy_is_not_released_by_the_service() {
    for capture in [CapturePolicy::Manual, CapturePolicy::Immediate] {
        let mut refused = Payment {
            capture_refusals: 3,
            ..payment()
        };
        refused.terms.capture = capture;
        assert_eq!(after(&refused).freed.unwrap().release_at, None);
    }
}

#[test]
fn orders_whose_payment_was_released_are_cancelled_and_told_as_failed() {
    let step = after(&Payment {
        status: Status::Cancelled,
        amounts: amounts(34_900, 0, 34_900),
        ..payment()
    });
    assert_eq!(
        statuses(&step),
        (SetStatus::Dissolved, vec![OrderStatus::Cancelled; 2])
    );
    assert_eq!(
        (step.event, step.reason),
        (Some(EventType::OrderFailed), Some("cancel"))
    );
}

#[test]
fn orders_whose_payment_never_came_about_may_be_paid_again() {
    for status in [Status::Cancelled, Status::Failed, Status::Expired] {
        let step = after(&Payment {
            status,
            authorized_at: None,
            amounts: amounts(0, 0, 0),
            ..payment()
        });
        assert_eq!(
            statuses(&step),
            (SetStatus::Dissolved, vec![OrderStatus::Preliminary; 2])
        );
        assert!(step.bundle.orders.iter().all(|order| order.set.is_none()));
        assert_eq!(step.event, None);
    }
}

proptest! {
    #[test]
    fn a_set_that_has_ended_never_changes_again(
        first in any_payment(),
        second in any_payment(),
    ) {
        let step = after(&first);
        let again = apply(&step.bundle, &second, now());
        if step.bundle.set.status != SetStatus::Open {
            prop_assert_eq!(&again.bundle, &step.bundle);
            prop_assert!(again.event.is_none() && again.freed.is_none());
        }
    }
}

fn any_payment() -> impl Strategy<Value = Payment> {
    let status = prop_oneof![
        Just(Status::Initiated),
        Just(Status::Authorized),
        Just(Status::Captured),
        Just(Status::Cancelled),
        Just(Status::Failed),
    ];
    (status, 0..=34_900_i64, any::<bool>(), 0..5_i32).prop_map(
        |(status, captured, releases_rest, capture_refusals)| Payment {
            status,
            capture_refusals,
            amounts: amounts(
                34_900,
                captured,
                if releases_rest { 34_900 - captured } else { 0 },
            ),
            ..payment()
        },
    )
}
