//! Every body in `fixtures/` and what it must mean. A body without a stated meaning fails the test;
//! the events have theirs beside the notifications.

use std::collections::BTreeSet;

use mcpay_port::{
    Attempt, ChargeAttempt, Currency, EndReason, Failure, FailureKind, Money, PaymentMethod,
    Snapshot, Standing,
};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::map::reference::{ChargeName, Target};
use crate::map::samples::{REFERENCE, operation, reference};
use crate::map::{agreement, charge, payment};
use crate::problem::{Effect, Problem, answered};
use crate::wire::answer::Charge;

const AGREEMENT: &str = "agr_7Qx2Lm";
const SUB: &str = "3b1f0c52-7d0e-4a53-9a55-0e8f1f3d2a90";

fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn body<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn attempt(minor: i64) -> Attempt {
    Attempt {
        reference: reference(),
        method: PaymentMethod::VippsRecurring,
        provider_ref: None,
        amount: nok(minor),
        charge: None,
    }
}

fn nok(minor: i64) -> Money {
    Money::new(minor, Currency::NOK)
}

fn charge_name() -> ChargeName {
    ChargeName {
        agreement: AGREEMENT.to_owned(),
        charge: operation().id.to_string(),
    }
}

fn read_payment(name: &str) -> Snapshot {
    payment::snapshot(reference(), &body(name)).unwrap()
}

fn read_charge(name: &str) -> Snapshot {
    charge::snapshot(&charge_name(), &body(name)).unwrap()
}

/// As an inquiry does it: the charge is only looked at where it is needed.
fn read_first(name: &str, initial: &str, minor: i64) -> Result<Snapshot, Failure> {
    let (attempt, agreement) = (attempt(minor), body(name));
    let needed = agreement::needs_charge(&attempt, &agreement) && !initial.is_empty();
    let initial: Option<Charge> = needed.then(|| body(initial));
    agreement::snapshot(&attempt, AGREEMENT, &agreement, initial.as_ref())
}

fn amounts(seen: &Snapshot) -> [i64; 4] {
    [
        seen.authorized,
        seen.captured,
        seen.cancelled,
        seen.refunded,
    ]
    .map(Money::minor)
}

const PENDING: Standing = Standing::Pending;
const APPROVED: Standing = Standing::Approved;
const CANCELLED: Standing = Standing::Ended(EndReason::Cancelled);
const DECLINED: Standing = Standing::Ended(EndReason::Declined);
const EXPIRED: Standing = Standing::Ended(EndReason::Expired);

fn unknown(text: &str) -> Standing {
    Standing::Unknown(text.to_owned())
}

/// Name, standing, and authorised, captured, cancelled, refunded of 349 kroner.
fn payments() -> Vec<(&'static str, Standing, [i64; 4])> {
    let all = 34_900;
    vec![
        ("epayment-created", PENDING, [0; 4]),
        ("epayment-authorized", APPROVED, [all, 0, 0, 0]),
        ("epayment-authorized-with-profile", APPROVED, [all, 0, 0, 0]),
        ("epayment-partly-captured", APPROVED, [all, 10_000, 0, 0]),
        ("epayment-captured", APPROVED, [all, all, 0, 0]),
        (
            "epayment-captured-then-released",
            APPROVED,
            [all, 10_000, 24_900, 0],
        ),
        ("epayment-released", APPROVED, [all, 0, all, 0]),
        ("epayment-partly-refunded", APPROVED, [all, all, 0, 4_900]),
        ("epayment-refunded", APPROVED, [all, all, 0, all]),
        ("epayment-aborted", CANCELLED, [0; 4]),
        ("epayment-expired", EXPIRED, [0; 4]),
        ("epayment-terminated", CANCELLED, [0; 4]),
        ("epayment-strange-state", unknown("HALF_WAY"), [0; 4]),
        (
            "epayment-over-captured",
            unknown("AUTHORIZED: more is captured or released than was authorised"),
            [0; 4],
        ),
        (
            "epayment-over-refunded",
            unknown("AUTHORIZED: more is refunded than was captured"),
            [0; 4],
        ),
        (
            "epayment-mixed-currencies",
            unknown("AUTHORIZED: the amounts are in different currencies"),
            [0; 4],
        ),
        (
            "epayment-without-aggregate",
            unknown("AUTHORIZED: the aggregate is missing"),
            [0; 4],
        ),
    ]
}

/// The same of a charge of 99 kroner.
fn charges() -> Vec<(&'static str, Standing, [i64; 4])> {
    let all = 9_900;
    vec![
        ("charge-pending", PENDING, [0; 4]),
        ("charge-due", PENDING, [0; 4]),
        ("charge-processing", PENDING, [0; 4]),
        ("charge-in-doubt", PENDING, [0; 4]),
        ("charge-reserved", APPROVED, [all, 0, 0, 0]),
        ("charge-partially-captured", APPROVED, [all, 4_000, 0, 0]),
        (
            "charge-captured-then-released",
            APPROVED,
            [all, 4_000, 5_900, 0],
        ),
        ("charge-charged", APPROVED, [all, all, 0, 0]),
        ("charge-partially-refunded", APPROVED, [all, all, 0, 900]),
        ("charge-refunded", APPROVED, [all, all, 0, all]),
        ("charge-failed", DECLINED, [0; 4]),
        ("charge-cancelled", CANCELLED, [0; 4]),
        ("charge-released", APPROVED, [all, 0, all, 0]),
        ("charge-strange-status", unknown("ON_HOLD"), [0; 4]),
        (
            "charge-summary-behind",
            unknown("CHARGED: nothing is captured"),
            [0; 4],
        ),
        (
            "charge-over-refunded",
            unknown("REFUNDED: more is refunded than was captured"),
            [0; 4],
        ),
        (
            "charge-without-summary",
            unknown("CHARGED: the summary is missing"),
            [0; 4],
        ),
    ]
}

/// Agreement, initial charge, what was ordered, standing, the four amounts, permission to charge.
fn first_payments() -> Vec<(&'static str, &'static str, i64, Standing, [i64; 4], bool)> {
    let reserved = [100, 0, 0, 0];
    vec![
        ("agreement-pending", "", 100, PENDING, [0; 4], false),
        ("agreement-pending", "", 0, PENDING, [0; 4], false),
        ("agreement-active", "", 0, APPROVED, [0; 4], true),
        (
            "agreement-active",
            "initial-pending",
            100,
            PENDING,
            [0; 4],
            true,
        ),
        (
            "agreement-active",
            "initial-reserved",
            100,
            APPROVED,
            reserved,
            true,
        ),
        (
            "agreement-active",
            "initial-charged",
            100,
            APPROVED,
            [100, 100, 0, 0],
            true,
        ),
        (
            "agreement-active",
            "initial-released",
            100,
            APPROVED,
            [100, 0, 100, 0],
            true,
        ),
        (
            "agreement-active",
            "initial-failed",
            100,
            DECLINED,
            [0; 4],
            true,
        ),
        (
            "agreement-active-with-profile",
            "initial-reserved",
            100,
            APPROVED,
            reserved,
            true,
        ),
        ("agreement-rejected", "", 100, CANCELLED, [0; 4], false),
        ("agreement-rejected", "", 0, CANCELLED, [0; 4], false),
        (
            "agreement-rejected",
            "initial-cancelled",
            100,
            CANCELLED,
            [0; 4],
            false,
        ),
        ("agreement-stopped-later", "", 0, APPROVED, [0; 4], false),
        (
            "agreement-stopped-later",
            "initial-reserved",
            100,
            APPROVED,
            reserved,
            false,
        ),
        (
            "agreement-stopped-later",
            "initial-charged",
            100,
            APPROVED,
            [100, 100, 0, 0],
            false,
        ),
        (
            "agreement-stopped-later",
            "initial-released",
            100,
            APPROVED,
            [100, 0, 100, 0],
            false,
        ),
        ("agreement-expired", "", 100, EXPIRED, [0; 4], false),
        ("agreement-expired", "", 0, EXPIRED, [0; 4], false),
        (
            "agreement-expired",
            "initial-cancelled",
            100,
            EXPIRED,
            [0; 4],
            false,
        ),
        (
            "agreement-expired",
            "initial-failed",
            100,
            DECLINED,
            [0; 4],
            false,
        ),
        (
            "agreement-strange-status",
            "",
            0,
            unknown("PAUSED"),
            [0; 4],
            false,
        ),
        (
            "agreement-strange-status",
            "initial-pending",
            100,
            unknown("PAUSED"),
            [0; 4],
            false,
        ),
    ]
}

/// Name, status, kind, code, whether it may have happened.
const PROBLEMS: [(&str, u16, FailureKind, Option<&str>, bool); 14] = [
    (
        "problem-not-reserved",
        400,
        FailureKind::Refused,
        Some("6080"),
        false,
    ),
    (
        "problem-payer-was-faster",
        400,
        FailureKind::Refused,
        Some("6060"),
        false,
    ),
    (
        "problem-reference-unknown",
        404,
        FailureKind::NotFound,
        Some("5090"),
        false,
    ),
    (
        "problem-reference-exists",
        409,
        FailureKind::Refused,
        Some("4150"),
        true,
    ),
    (
        "problem-locked",
        423,
        FailureKind::RateLimited { retry_after: None },
        Some("6160"),
        false,
    ),
    ("problem-validation", 400, FailureKind::Refused, None, false),
    (
        "problem-due-too-soon",
        400,
        FailureKind::Refused,
        Some("charge-due-too-soon"),
        false,
    ),
    (
        "problem-amount-too-high",
        400,
        FailureKind::Refused,
        Some("charge-amount-too-high"),
        false,
    ),
    (
        "problem-illegal-update",
        400,
        FailureKind::Refused,
        Some("illegal-agreement-update"),
        false,
    ),
    (
        "problem-idempotency-conflict",
        409,
        FailureKind::Refused,
        Some("idempotency-conflict"),
        true,
    ),
    (
        "problem-agreement-unknown",
        404,
        FailureKind::NotFound,
        None,
        false,
    ),
    (
        "problem-gateway",
        401,
        FailureKind::Unauthorized,
        None,
        false,
    ),
    (
        "problem-gateway-recurring",
        401,
        FailureKind::Unauthorized,
        None,
        false,
    ),
    (
        "problem-client-secret",
        401,
        FailureKind::Unauthorized,
        Some("unauthorized_client"),
        false,
    ),
];

#[test]
fn every_epayment_means_what_is_stated() {
    for (name, standing, expected) in payments() {
        let seen = read_payment(name);
        assert_eq!(seen.standing, standing, "{name}");
        assert_eq!(amounts(&seen), expected, "{name}");
        assert_eq!(seen.order_amount, nok(34_900), "{name}");
        assert_eq!(seen.reference.as_deref(), Some(REFERENCE), "{name}");
        assert_eq!(
            Target::find(&seen.provider_ref),
            Some(Target::Payment(reference()))
        );
        assert!(seen.agreement.is_none(), "{name}");
        let sub = seen.profile_subject.as_ref().map(|sub| sub.expose_secret());
        assert_eq!(
            sub,
            (name == "epayment-authorized-with-profile").then_some(SUB),
            "{name}"
        );
    }
}

#[test]
fn every_charge_means_what_is_stated() {
    for (name, standing, expected) in charges() {
        let seen = read_charge(name);
        assert_eq!(seen.standing, standing, "{name}");
        assert_eq!(amounts(&seen), expected, "{name}");
        assert_eq!(seen.order_amount, nok(9_900), "{name}");
        assert_eq!(seen.reference.as_deref(), Some(REFERENCE), "{name}");
        assert_eq!(
            Target::find(&seen.provider_ref),
            Some(Target::Charge(charge_name()))
        );
    }
}

#[test]
fn an_agreement_and_its_initial_charge_make_one_first_payment() {
    for (name, initial, minor, standing, expected, permits) in first_payments() {
        let seen = read_first(name, initial, minor).unwrap();
        let what = format!("{name} with {initial} of {minor}");
        assert_eq!(seen.standing, standing, "{what}");
        assert_eq!(amounts(&seen), expected, "{what}");
        assert_eq!(seen.order_amount, nok(minor), "{what}");
        assert_eq!(seen.reference.as_deref(), Some(REFERENCE), "{what}");
        assert_eq!(
            seen.provider_ref.as_str(),
            format!("agreement/{AGREEMENT}"),
            "{what}"
        );
        let token = seen.agreement.as_ref().map(|token| token.0.expose_secret());
        assert_eq!(token, permits.then_some(AGREEMENT), "{what}");
        let sub = seen.profile_subject.as_ref().map(|sub| sub.expose_secret());
        assert_eq!(
            sub,
            (name == "agreement-active-with-profile").then_some(SUB),
            "{what}"
        );
    }
}

#[test]
fn an_active_agreement_without_its_initial_charge_is_no_answer() {
    let failure = read_first("agreement-active", "", 100).unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadAnswer);
}

#[test]
fn an_answer_about_something_else_is_no_answer() {
    let other = "019a8d4e-7b7c-7d3e-8f00-000000000000";
    assert!(payment::snapshot(other.parse().unwrap(), &body("epayment-created")).is_err());
    let name = ChargeName::initial(AGREEMENT, reference());
    assert!(charge::snapshot(&name, &body("charge-charged")).is_err());
    let agreement = body("agreement-active");
    assert!(agreement::snapshot(&attempt(0), "agr_other", &agreement, None).is_err());
    let wrong: Charge = body("charge-charged");
    assert!(agreement::snapshot(&attempt(100), AGREEMENT, &agreement, Some(&wrong)).is_err());
}

#[test]
fn a_charge_that_is_not_known_yet_is_found_by_the_operation_that_began_it() {
    let begun = ChargeAttempt {
        operation: operation(),
        agreement: mcpay_port::AgreementRef {
            token: AGREEMENT.into(),
            payer_reference: "payer-1".to_owned(),
        },
    };
    assert_eq!(
        Target::find_begun(&begun),
        Some(Target::Charge(charge_name()))
    );
}

#[test]
fn every_problem_means_what_is_stated() {
    for (name, status, kind, code, may) in PROBLEMS {
        let problem = Problem::read(fixture(name).as_bytes());
        let error = answered(Effect::Possible, status, problem, None);
        let found = (error.failure().kind, error.failure().code.as_deref());
        assert_eq!(
            (found, error.may_have_happened()),
            ((kind, code), may),
            "{name}"
        );
    }
}

#[test]
fn every_fixture_has_a_stated_meaning() {
    let mut stated: BTreeSet<String> = BTreeSet::new();
    stated.extend(payments().iter().map(|row| row.0.to_owned()));
    stated.extend(charges().iter().map(|row| row.0.to_owned()));
    stated.extend(PROBLEMS.iter().map(|row| row.0.to_owned()));
    for row in first_payments() {
        stated.extend(
            [row.0, row.1]
                .iter()
                .filter(|name| !name.is_empty())
                .map(|it| (*it).to_owned()),
        );
    }
    let folder = format!("{}/fixtures", env!("CARGO_MANIFEST_DIR"));
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|file| file.trim_end_matches(".json").to_owned())
        .filter(|name| !name.starts_with("event-"))
        .collect();
    assert_eq!(files, stated);
}

fn changed(name: &str, pointer: &str, value: Value) -> Value {
    let mut body: Value = body(name);
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

proptest! {
    #[test]
    fn an_amount_comes_back_as_it_was_sent(minor in 1_i64..=65_000_000) {
        let sent = serde_json::to_value(payment::modification(nok(minor))).unwrap();
        let amount = &sent["modificationAmount"];
        prop_assert_eq!(amount, &json!({ "currency": "NOK", "value": minor }));
        let body = changed("epayment-created", "/amount", amount.clone());
        let read = serde_json::from_value(body).unwrap();
        prop_assert_eq!(payment::snapshot(reference(), &read).unwrap().order_amount, nok(minor));
    }

    #[test]
    fn no_state_that_is_not_documented_is_a_success_or_an_end(state in "[A-Z_]{1,50}") {
        let known = [
            "CREATED", "AUTHORIZED", "ABORTED", "TERMINATED", "EXPIRED", "PENDING", "DUE",
            "PROCESSING", "UNKNOWN", "RESERVED", "PARTIALLY_CAPTURED", "CHARGED", "FAILED",
            "PARTIALLY_REFUNDED", "REFUNDED", "CANCELLED", "ACTIVE", "STOPPED",
        ];
        prop_assume!(!known.contains(&state.as_str()));
        let read = serde_json::from_value(changed("epayment-captured", "/state", json!(state)));
        let seen = payment::snapshot(reference(), &read.unwrap()).unwrap();
        prop_assert!(matches!(seen.standing, Standing::Unknown(_)));
        let read = serde_json::from_value(changed("charge-charged", "/status", json!(state)));
        let seen = charge::snapshot(&charge_name(), &read.unwrap()).unwrap();
        prop_assert!(matches!(seen.standing, Standing::Unknown(_)));
        let read = serde_json::from_value(changed("agreement-active", "/status", json!(state)));
        let seen = agreement::snapshot(&attempt(0), AGREEMENT, &read.unwrap(), None).unwrap();
        prop_assert!(matches!(seen.standing, Standing::Unknown(_)));
    }
}
