//! The table of `state.rs`, row by row.

use chrono::{TimeDelta, TimeZone as _};
use mcpay_port::{
    AccountId, AgreementId, Currency, Flow, Money, PaymentMethod, PaymentRef, Permission,
    ProviderRef,
};
use uuid::Uuid;

use super::*;
use crate::clients::{CapturePolicy, ClientCode};
use crate::payments::payment::{PaymentAgreement, Reserved, ReturnKey, SettlementTerms};

pub fn nok(minor: i64) -> Money {
    Money::new(minor, Currency::NOK)
}

pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()
}

pub fn payment() -> Payment {
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
            capture: CapturePolicy::Manual,
            claim_within: TimeDelta::hours(24),
        },
        reserved: Reserved::none(Currency::NOK),
        capture_refusals: 0,
        claimed: false,
        release_at: None,
        status: Status::Initiated,
        reason: None,
        amounts: Amounts::none(Currency::NOK),
        provider_ref: Some(ProviderRef("theirs".into())),
        next_step: None,
        page_url: "https://shop.example/".into(),
        return_url: None,
        return_key: ReturnKey("0".repeat(32)),
        closing: None,
        version: 1,
        event_sequence: 1,
        created_at: now(),
        pay_before: now(),
        authorized_at: None,
        ended_at: None,
        inquire_at: Some(now()),
        inquiries: 0,
    }
}

pub fn says(standing: Standing) -> Snapshot {
    let authorized = if standing == Standing::Approved {
        34_900
    } else {
        0
    };
    Snapshot {
        provider_ref: ProviderRef("theirs".into()),
        reference: Some(payment().reference.to_string()),
        order_amount: nok(34_900),
        standing,
        authorized: nok(authorized),
        captured: nok(0),
        cancelled: nok(0),
        refunded: nok(0),
        refunds: Vec::new(),
        agreement: Permission::NotTold,
        profile_subject: None,
    }
}

pub fn approved(captured: i64, cancelled: i64, refunded: i64) -> Snapshot {
    Snapshot {
        captured: nok(captured),
        cancelled: nok(cancelled),
        refunded: nok(refunded),
        ..says(Standing::Approved)
    }
}

fn ended(status: Status, reason: Reason) -> Payment {
    Payment {
        status,
        reason: Some(reason),
        ended_at: Some(now()),
        ..payment()
    }
}

#[test]
fn a_pending_payment_follows_what_the_provider_says() {
    use EventType::*;
    let rows = [
        (says(Standing::Pending), Status::Initiated, None, vec![]),
        (
            says(Standing::Approved),
            Status::Authorized,
            None,
            vec![PaymentAuthorized],
        ),
        (
            approved(34_900, 0, 0),
            Status::Captured,
            None,
            vec![PaymentAuthorized, PaymentCaptured],
        ),
        (
            approved(0, 34_900, 0),
            Status::Cancelled,
            Some(Reason::Cancel),
            vec![PaymentAuthorized, PaymentCancelled],
        ),
        (
            approved(34_900, 0, 34_900),
            Status::Refunded,
            None,
            vec![PaymentAuthorized, PaymentCaptured, PaymentRefunded],
        ),
        (
            says(Standing::Ended(EndReason::Cancelled)),
            Status::Cancelled,
            Some(Reason::Cancel),
            vec![PaymentCancelled],
        ),
        (
            says(Standing::Ended(EndReason::Declined)),
            Status::Failed,
            Some(Reason::Declined),
            vec![PaymentFailed],
        ),
        (
            says(Standing::Ended(EndReason::Expired)),
            Status::Expired,
            Some(Reason::Expired),
            vec![PaymentExpired],
        ),
        (
            says(Standing::Unknown("Odd".into())),
            Status::Unknown,
            None,
            vec![PaymentUnknown],
        ),
    ];
    for (snapshot, status, reason, events) in rows {
        let next = apply(&payment(), &snapshot, now());
        assert_eq!(
            (next.payment.status, next.payment.reason, next.events),
            (status, reason, events),
            "{snapshot:?}"
        );
    }
}

#[test]
fn another_amount_currency_or_reference_is_never_success() {
    let eur = Currency::from_code("EUR").unwrap();
    let wrong = [
        Snapshot {
            order_amount: nok(1),
            ..says(Standing::Approved)
        },
        Snapshot {
            order_amount: Money::new(34_900, eur),
            ..says(Standing::Approved)
        },
        Snapshot {
            authorized: nok(34_899),
            ..says(Standing::Approved)
        },
        Snapshot {
            reference: Some("somebody else's".into()),
            ..says(Standing::Approved)
        },
        Snapshot {
            provider_ref: ProviderRef("other".into()),
            ..says(Standing::Approved)
        },
        approved(30_000, 30_000, 0),
        approved(100, 0, 200),
    ];
    for snapshot in wrong {
        let next = apply(&payment(), &snapshot, now());
        assert_eq!(next.payment.status, Status::Unknown, "{snapshot:?}");
        assert!(
            matches!(next.alert, Some(Alert::NotOurs(_))),
            "{snapshot:?}"
        );
        assert_eq!(next.payment.amounts, Amounts::none(Currency::NOK));
    }
}

#[test]
fn a_payment_we_closed_says_why_we_closed_it() {
    let closing = Payment {
        closing: Some(Reason::Expired),
        ..payment()
    };
    let next = apply(
        &closing,
        &says(Standing::Ended(EndReason::Cancelled)),
        now(),
    );
    assert_eq!(next.payment.status, Status::Expired);
    assert_eq!(next.events, [EventType::PaymentExpired]);
}

#[test]
fn money_reserved_after_the_end_is_released_and_never_called_success() {
    let over = ended(Status::Failed, Reason::Error);
    let next = apply(&over, &says(Standing::Approved), now());
    assert_eq!(next.follow_up, FollowUp::Release);
    assert_eq!(next.payment.status, Status::Failed);
    assert!(next.events.is_empty());

    let released = apply(&next.payment, &approved(0, 34_900, 0), now());
    assert_eq!(released.follow_up, FollowUp::Nothing);
    assert_eq!(released.payment.status, Status::Failed);
    assert_eq!(released.events, [EventType::PaymentCancelled]);
    assert_eq!(released.payment.inquire_at, None, "nothing is left to ask");
}

#[test]
fn a_payment_that_is_over_for_us_but_open_at_the_provider_is_closed() {
    let next = apply(
        &ended(Status::Failed, Reason::Error),
        &says(Standing::Pending),
        now(),
    );
    assert_eq!(next.follow_up, FollowUp::Close);
}

#[test]
fn a_lost_payment_that_turns_up_open_is_pending_again() {
    let lost = lose_sight(&payment()).payment;
    assert_eq!(lost.status, Status::Unknown);
    assert_eq!(
        apply(&lost, &says(Standing::Pending), now()).payment.status,
        Status::Initiated
    );
}

#[test]
fn an_overtaken_answer_changes_nothing() {
    let captured = apply(&payment(), &approved(34_900, 0, 0), now()).payment;
    for old in [says(Standing::Pending), says(Standing::Approved)] {
        let next = apply(&captured, &old, now());
        assert_eq!(next.payment, captured);
        assert_eq!(next.alert, Some(Alert::Overtaken));
    }
}

#[test]
fn registering_a_card_for_nothing_is_success_only_with_the_agreement() {
    let opening = Payment {
        amount: nok(0),
        vat: nok(0),
        agreement: Some(PaymentAgreement {
            id: AgreementId(Uuid::from_u128(9)),
            active: false,
        }),
        ..payment()
    };
    let without = Snapshot {
        order_amount: nok(0),
        authorized: nok(0),
        ..says(Standing::Approved)
    };
    assert_eq!(
        apply(&opening, &without, now()).payment.status,
        Status::Initiated
    );

    let with = Snapshot {
        agreement: Permission::Given(AgreementToken("token".into())),
        ..without
    };
    let next = apply(&opening, &with, now());
    assert_eq!(next.payment.status, Status::Authorized);
    assert!(next.activation.is_some());
    assert!(
        next.events.is_empty(),
        "no payment.authorized for a registration"
    );
    assert!(apply(&next.payment, &with, now()).activation.is_none());
}

#[test]
fn a_registration_that_was_stopped_later_is_no_alarm() {
    let opening = Payment {
        amount: nok(0),
        vat: nok(0),
        ..payment()
    };
    let with = Snapshot {
        order_amount: nok(0),
        authorized: nok(0),
        agreement: Permission::Given(AgreementToken("token".into())),
        ..says(Standing::Approved)
    };
    let registered = apply(&opening, &with, now()).payment;
    let stopped = Snapshot {
        standing: Standing::Ended(EndReason::Cancelled),
        agreement: Permission::Over,
        ..with
    };
    let next = apply(&registered, &stopped, now());
    assert_eq!((next.alert, next.payment.inquire_at), (None, None));
    assert_eq!(next.payment.status, Status::Authorized);
    assert_eq!(
        apply(&opening, &stopped, now()).payment.status,
        Status::Cancelled
    );
}

#[test]
fn a_permission_that_is_over_ends_an_active_agreement_however_its_payment_stands() {
    let over = |standing| Snapshot {
        agreement: Permission::Over,
        ..says(standing)
    };
    let opened = |active| Payment {
        agreement: Some(PaymentAgreement {
            id: AgreementId(Uuid::from_u128(9)),
            active,
        }),
        ..apply(&payment(), &approved(0, 0, 0), now()).payment
    };
    for standing in [
        Standing::Approved,
        Standing::Pending,
        Standing::Ended(EndReason::Cancelled),
        Standing::Unknown("Odd".into()),
    ] {
        let next = apply(&opened(true), &over(standing.clone()), now());
        assert!(next.agreement_over, "{standing:?}");
        assert_eq!(next.payment.status, Status::Authorized, "{standing:?}");
        assert!(next.events.is_empty(), "{standing:?}");
    }
    let anothers = Snapshot {
        order_amount: nok(1),
        ..over(Standing::Approved)
    };
    assert!(!apply(&opened(true), &anothers, now()).agreement_over);
    assert!(!apply(&opened(true), &approved(0, 0, 0), now()).agreement_over);

    let never_active = apply(&opened(false), &over(Standing::Approved), now());
    assert!(!never_active.agreement_over && never_active.activation.is_none());
    assert_eq!(never_active.alert, Some(Alert::NoAgreement));
    let look = never_active.payment.inquire_at;
    assert_eq!(look, None, "the permission will never come");
}

#[test]
fn who_paid_is_asked_for_until_it_is_known_or_a_quarter_of_an_hour_has_passed() {
    let asked = Payment {
        profile: Some(ProfileAsked::Asked),
        ..payment()
    };
    let without = apply(&asked, &approved(0, 0, 0), now());
    assert!(without.payment.inquire_at.is_some(), "the name comes late");
    let told = Snapshot {
        profile_subject: Some("payer".into()),
        ..approved(0, 0, 0)
    };
    let with = apply(&without.payment, &told, now());
    assert_eq!(with.payment.profile, Some(ProfileAsked::Known));
    assert!(with.profile_subject.is_some() && with.payment.inquire_at.is_none());
    assert!(apply(&with.payment, &told, now()).profile_subject.is_none());
    let later = now() + TimeDelta::minutes(16);
    let late = apply(&without.payment, &approved(0, 0, 0), later).payment;
    assert_eq!(late.inquire_at, None);
    assert!(apply(&payment(), &told, now()).profile_subject.is_none());
}
