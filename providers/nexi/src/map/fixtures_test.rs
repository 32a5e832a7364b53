//! Every recorded body and what it must mean. A body without a stated meaning fails the test.

use std::collections::BTreeSet;

use mcpay_port::{
    Account, AccountId, Attempt, Currency, EndReason, FailureKind, Flow, Money, NextStep,
    Operation, OperationId, Progress, ProviderId, ProviderRef, Snapshot, Standing,
};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::map::charge::find_payment;
use crate::map::refund::{Plan, plan};
use crate::map::samples::{
    CALLBACK_KEY, PAYMENT_ID, REFERENCE, SECRET_KEY, account_settings, attempt, now, order,
    settings,
};
use crate::map::snapshot::{payment, snapshot};
use crate::map::started::started;
use crate::problem::{Effect, ErrorBody, answered, find_decline};
use crate::wire::answer::{Payment, Retrieved};

fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn parsed<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn asked() -> ProviderRef {
    ProviderRef(PAYMENT_ID.to_owned())
}

fn retrieved(name: &str) -> Payment {
    payment(&asked(), parsed::<Retrieved>(name)).unwrap()
}

fn read(name: &str) -> Snapshot {
    let amount = if name.starts_with("registration") {
        Money::zero(Currency::NOK)
    } else {
        attempt().amount
    };
    let attempt = Attempt {
        amount,
        ..attempt()
    };
    snapshot(&attempt, &asked(), &retrieved(name), Some(now())).unwrap()
}

/// Name, standing, and authorised, captured, cancelled, refunded.
fn payments() -> Vec<(&'static str, Standing, [i64; 4])> {
    use Standing::{Approved, Ended, Pending, Unknown};
    let unknown = |text: &str| Unknown(text.to_owned());
    let all = 34_900;
    vec![
        ("payment-created", Pending, [0; 4]),
        ("payment-created-hosted", Pending, [0; 4]),
        ("payment-expired", Ended(EndReason::Expired), [0; 4]),
        ("payment-terminated", Ended(EndReason::Cancelled), [0; 4]),
        ("payment-reserved", Approved, [all, 0, 0, 0]),
        ("payment-reserved-unscheduled", Approved, [all, 0, 0, 0]),
        ("payment-reserved-subscription", Approved, [all, 0, 0, 0]),
        ("payment-reserved-with-surcharge", Approved, [all, 0, 0, 0]),
        ("payment-partly-charged", Approved, [all, 10_000, 0, 0]),
        ("payment-charged", Approved, [all, all, 0, 0]),
        ("payment-charged-twice", Approved, [all, all, 0, 0]),
        ("payment-charged-at-once", Approved, [all, all, 0, 0]),
        (
            "payment-charged-rest-cancelled",
            Approved,
            [all, 10_000, 24_900, 0],
        ),
        ("payment-cancelled", Approved, [all, 0, all, 0]),
        ("payment-refund-pending", Approved, [all, all, 0, 0]),
        ("payment-refund-failed", Approved, [all, all, 0, 0]),
        ("payment-partly-refunded", Approved, [all, all, 0, 4_900]),
        ("payment-refunded", Approved, [all, all, 0, all]),
        (
            "payment-charged-at-once-refunded",
            Approved,
            [all, all, 0, all],
        ),
        (
            "payment-over-charged",
            unknown("more is charged and cancelled than was reserved"),
            [0; 4],
        ),
        (
            "payment-over-refunded",
            unknown("more is refunded than was charged"),
            [0; 4],
        ),
        ("registration-created", Pending, [0; 4]),
        ("registration-completed", Approved, [0; 4]),
        (
            "registration-terminated",
            Ended(EndReason::Cancelled),
            [0; 4],
        ),
    ]
}

/// Name, status, code, and whether it declines a charge.
const PROBLEMS: [(&str, u16, Option<&str>, bool); 7] = [
    ("problem-validation", 400, None, false),
    ("problem-validation-bare", 400, None, false),
    ("problem-over-charge", 402, Some("1001"), true),
    ("problem-hard-decline", 402, Some("1029"), true),
    ("problem-expired-subscription", 400, Some("1030"), true),
    ("problem-unheard-of", 400, Some("1077"), false),
    ("problem-internal", 500, Some("1000"), false),
];

/// Read by the tests below or, the webhooks, by those of `notification`.
const OTHERS: [&str; 6] = [
    "created-embedded",
    "created-hosted",
    "charge-of-agreement",
    "charge-status",
    "webhook-charge-created",
    "webhook-checkout-completed",
];

#[test]
fn every_recorded_payment_means_what_is_stated() {
    for (name, standing, amounts) in payments() {
        let seen = read(name);
        let nok = |minor| Money::new(minor, Currency::NOK);
        assert_eq!(seen.standing, standing, "{name}");
        let ordered = if name.starts_with("registration") {
            0
        } else {
            34_900
        };
        assert_eq!(seen.order_amount, nok(ordered), "{name}");
        let found = [
            seen.authorized,
            seen.captured,
            seen.cancelled,
            seen.refunded,
        ];
        assert_eq!(found, amounts.map(nok), "{name}");
        assert_eq!(seen.provider_ref, asked(), "{name}");
        assert_eq!(seen.reference.as_deref(), Some(REFERENCE), "{name}");
    }
}

#[test]
fn a_permission_is_kept_with_its_kind_once_the_payer_has_completed() {
    for (name, token) in [
        (
            "payment-reserved-unscheduled",
            Some("unscheduled.5d1c7a90e2b84f36a1d05c9e7f3b2846"),
        ),
        (
            "payment-reserved-subscription",
            Some("subscription.d79a515d6a21477f9d32ac1f0b7c6e55"),
        ),
        (
            "registration-completed",
            Some("unscheduled.5d1c7a90e2b84f36a1d05c9e7f3b2846"),
        ),
        ("registration-created", None),
        ("registration-terminated", None),
        ("payment-reserved", None),
    ] {
        let found = read(name).agreement;
        let found = found.token().map(|found| found.0.expose_secret());
        assert_eq!(found, token, "{name}");
    }
}

#[test]
fn every_recorded_problem_means_what_is_stated_and_names_nobody() {
    for (name, status, code, declines) in PROBLEMS {
        let body = ErrorBody::read(fixture(name).as_bytes());
        let error = answered(Effect::Keyed, status, &body, None);
        let failure = error.failure();
        let is_broken = status >= 500;
        let kind = if is_broken {
            FailureKind::ProviderBroken
        } else {
            FailureKind::Refused
        };
        assert_eq!(
            (failure.kind, failure.code.as_deref()),
            (kind, code),
            "{name}"
        );
        assert_eq!(error.may_have_happened(), is_broken, "{name}");
        let decline = find_decline(&error);
        assert_eq!(decline.as_deref(), code.filter(|_| declines), "{name}");
        let shown = format!("{body:?} {error} {error:?}");
        for personal in ["4790000000", "Anna"] {
            assert!(!shown.contains(personal), "{shown}");
        }
    }
}

#[test]
fn no_recorded_body_is_without_a_stated_meaning() {
    let folder = format!("{}/fixtures", env!("CARGO_MANIFEST_DIR"));
    let name_of = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    };
    let recorded: BTreeSet<String> = std::fs::read_dir(folder).unwrap().map(name_of).collect();
    let mut stated: BTreeSet<String> = payments()
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    stated.extend(PROBLEMS.iter().map(|(name, ..)| (*name).to_owned()));
    stated.extend(OTHERS.map(str::to_owned));
    assert_eq!(recorded, stated);
}

#[test]
fn each_flow_gets_its_own_next_step() {
    let next = |flow, name| {
        let created = parsed(name);
        started(&settings("unscheduled"), flow, "nb-NO", &created).map(|started| started.next)
    };
    let embedded = next(Flow::Seamless, "created-embedded").unwrap();
    assert!(matches!(embedded, NextStep::Seamless(_)));
    let hosted = next(Flow::Redirect, "created-hosted").unwrap();
    let NextStep::Redirect(page) = hosted else {
        panic!("a redirect was expected");
    };
    assert!(page.ends_with("&language=nb-NO"), "{page}");
    assert!(next(Flow::Redirect, "created-embedded").is_err());
}

#[test]
fn a_charge_and_its_status_name_the_same_payment() {
    for name in ["charge-of-agreement", "charge-status"] {
        assert_eq!(find_payment(&parsed(name)), Ok(asked()), "{name}");
    }
}

#[test]
fn a_repeated_refund_learns_from_the_list_what_became_of_it() {
    let operation = Operation {
        id: OperationId(Uuid::from_u128(0x23)),
        number: 1,
    };
    let pending = retrieved("payment-refund-pending");
    let settled = plan(&pending, operation, 4_900);
    assert_eq!(settled, Ok(Plan::Settled(Progress::Accepted)));
    let done = retrieved("payment-partly-refunded");
    let settled = plan(&done, operation, 4_900);
    assert_eq!(settled, Ok(Plan::Settled(Progress::Done)));
    let failed = retrieved("payment-refund-failed");
    let error = plan(&failed, operation, 4_900).unwrap_err();
    assert_eq!(error.failure().code.as_deref(), Some("refund_failed"));
    let twice = retrieved("payment-charged-twice");
    let Ok(Plan::Send { shares, .. }) = plan(&twice, operation, 30_000) else {
        panic!("two parts were expected");
    };
    let amounts: Vec<i64> = shares.iter().map(|share| share.amount).collect();
    assert_eq!(amounts, [10_000, 20_000]);
}

#[test]
fn debug_shows_no_key_no_agreement_and_no_phone() {
    let account = Account {
        id: AccountId(Uuid::nil()),
        provider: ProviderId::Nexi,
        settings: account_settings("unscheduled"),
    };
    let shown = format!(
        "{account:?} {:?} {:?} {:?} {:?}",
        settings("unscheduled"),
        order(Flow::Seamless),
        retrieved("payment-reserved-unscheduled"),
        read("payment-reserved-subscription"),
    );
    for secret in [
        SECRET_KEY,
        CALLBACK_KEY,
        "5d1c7a90e2b84f36a1d05c9e7f3b2846",
        "d79a515d6a21477f9d32ac1f0b7c6e55",
        "4790000000",
    ] {
        assert!(!shown.contains(secret), "{secret} is shown in {shown}");
    }
}
