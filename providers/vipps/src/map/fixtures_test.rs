//! Every body in `fixtures/` and what it must mean. A body without a stated meaning fails the test;
//! the events have theirs beside the notifications.

use std::collections::BTreeSet;

use mcpay_port::{
    AgreementRef, Attempt, ChargeAttempt, Currency, EndReason, Failure, FailureKind, Money,
    PaymentMethod, Permission, Snapshot, Standing,
};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::map::meanings::{CHARGES, FIRST_PAYMENTS, LOGS, PAYMENTS, PROBLEMS, rows};
use crate::map::reference::{ChargeName, Target};
use crate::map::samples::{REFERENCE, operation, reference};
use crate::map::{agreement, charge, history, payment};
use crate::problem::{Effect, Problem, answered};
use crate::wire::answer::{Charge, Payment, PaymentEvent};

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

/// As an inquiry does it: the charge is only looked at where it is needed.
fn read_first(name: &str, initial: &str, minor: i64) -> Result<Snapshot, Failure> {
    let (attempt, agreement) = (attempt(minor), body(name));
    let needed = agreement::needs_charge(&attempt, &agreement) && initial != "-";
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

fn minors(words: &[String]) -> Vec<i64> {
    words.iter().map(|word| word.parse().unwrap()).collect()
}

fn standing(word: &str) -> Standing {
    match word {
        "pending" => Standing::Pending,
        "approved" => Standing::Approved,
        "cancelled" => Standing::Ended(EndReason::Cancelled),
        "declined" => Standing::Ended(EndReason::Declined),
        "expired" => Standing::Ended(EndReason::Expired),
        other => Standing::Unknown(other.to_owned()),
    }
}

fn permission(seen: &Snapshot) -> &'static str {
    match seen.agreement {
        Permission::NotTold => "none",
        Permission::Given(_) => "given",
        Permission::Over => "over",
    }
}

#[test]
fn every_epayment_means_what_is_stated() {
    for row in rows::<6>(PAYMENTS) {
        let name = row[0].as_str();
        let seen = payment::snapshot(reference(), &body(name)).unwrap();
        assert_eq!(seen.standing, standing(&row[5]), "{name}");
        assert_eq!(minors(&row[1..5]), amounts(&seen), "{name}");
        assert_eq!(seen.order_amount, nok(34_900), "{name}");
        assert_eq!(seen.reference.as_deref(), Some(REFERENCE), "{name}");
        assert_eq!(
            Target::find(&seen.provider_ref),
            Some(Target::Payment(reference()))
        );
        assert_eq!(permission(&seen), "none", "{name}");
        let told = (name == "epayment-authorized-with-profile").then_some(SUB);
        assert_eq!(
            seen.profile_subject
                .as_ref()
                .map(ExposeSecret::expose_secret),
            told,
            "{name}"
        );
    }
}

#[test]
fn every_charge_means_what_is_stated() {
    for row in rows::<6>(CHARGES) {
        let name = row[0].as_str();
        let seen = charge::snapshot(&charge_name(), &body(name)).unwrap();
        assert_eq!(seen.standing, standing(&row[5]), "{name}");
        assert_eq!(minors(&row[1..5]), amounts(&seen), "{name}");
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
    for row in rows::<9>(FIRST_PAYMENTS) {
        let [name, initial, minor, permitted, ..] = &row;
        let minor = minor.parse().unwrap();
        let seen = read_first(name, initial, minor).unwrap();
        let what = format!("{name} with {initial} of {minor}");
        assert_eq!(seen.standing, standing(&row[8]), "{what}");
        assert_eq!(minors(&row[4..8]), amounts(&seen), "{what}");
        assert_eq!(seen.order_amount, nok(minor), "{what}");
        assert_eq!(seen.reference.as_deref(), Some(REFERENCE), "{what}");
        assert_eq!(
            seen.provider_ref.as_str(),
            format!("agreement/{AGREEMENT}"),
            "{what}"
        );
        assert_eq!(permission(&seen), permitted, "{what}");
        if let Some(token) = seen.agreement.token() {
            assert_eq!(token.0.expose_secret(), AGREEMENT, "{what}");
        }
        let told = (name == "agreement-active-with-profile").then_some(SUB);
        assert_eq!(
            seen.profile_subject
                .as_ref()
                .map(ExposeSecret::expose_secret),
            told,
            "{what}"
        );
    }
}

#[test]
fn an_active_agreement_without_its_initial_charge_is_no_answer() {
    let failure = read_first("agreement-active", "-", 100).unwrap_err();
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
        agreement: AgreementRef {
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
fn every_log_means_what_is_stated() {
    for row in rows::<5>(LOGS) {
        let name = row[0].as_str();
        let mut without = body::<Payment>("epayment-without-aggregate");
        without.aggregate = history::aggregate(&body::<Vec<PaymentEvent>>(name), "NOK");
        let seen = payment::snapshot(reference(), &without).unwrap();
        assert_eq!(seen.standing, Standing::Approved, "{name}");
        assert_eq!(minors(&row[1..5]), amounts(&seen), "{name}");
    }
}

#[test]
fn every_problem_means_what_is_stated() {
    for row in rows::<5>(PROBLEMS) {
        let [name, status, may, code, kind] = &row;
        let problem = Problem::read(fixture(name).as_bytes());
        let error = answered(Effect::Possible, status.parse().unwrap(), problem, None);
        let failure = error.failure();
        assert!(
            format!("{:?}", failure.kind).starts_with(kind.as_str()),
            "{name}: {error}"
        );
        assert_eq!(failure.code.as_deref().unwrap_or("-"), code, "{name}");
        assert_eq!(error.may_have_happened(), may == "yes", "{name}");
    }
}

#[test]
fn every_fixture_has_a_stated_meaning() {
    let names = |table: &str| rows::<2>(table).into_iter().map(|[name, _]| name);
    let mut stated: BTreeSet<String> = [PAYMENTS, CHARGES, FIRST_PAYMENTS, LOGS, PROBLEMS]
        .into_iter()
        .flat_map(names)
        .collect();
    let initial = rows::<3>(FIRST_PAYMENTS)
        .into_iter()
        .map(|[_, initial, _]| initial);
    stated.extend(initial.filter(|name| name != "-"));
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
