//! Every recorded body and what it must mean. A body without a stated meaning fails the test.

use std::collections::BTreeSet;

use mcpay_port::{
    Account, AccountId, Attempt, Charged, Currency, EndReason, FailureKind, Flow, Money, NextStep,
    PaymentMethod, PaymentRef, ProviderId, ProviderRef, Snapshot, Standing, View,
};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::map::samples::{ACCESS_TOKEN, REFERENCE, account_settings, order, settings};
use crate::map::snapshot::snapshot;
use crate::map::{charge::charged, started::started};
use crate::problem::{CallError, Effect};
use crate::wire::answer::Answer;

const ID: &str = "/psp/paymentorders/7e6cdfc3-1276-44e9-9992-7cf4419750e1";

fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn answer(name: &str) -> Answer {
    serde_json::from_str(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn attempt() -> Attempt {
    Attempt {
        reference: PaymentRef(Uuid::parse_str(REFERENCE).unwrap()),
        provider_ref: Some(ProviderRef(ID.to_owned())),
        amount: Money::new(34_900, Currency::NOK),
        method: PaymentMethod::CreditcardPayex,
        charge: None,
    }
}

fn read(answer: &Answer) -> Result<Snapshot, mcpay_port::Failure> {
    let asked = ProviderRef(ID.to_owned());
    snapshot(&settings("unscheduled"), &attempt(), &asked, &answer.order)
}

/// Name, standing, what was ordered, and authorised, captured, cancelled, refunded.
fn orders() -> Vec<(&'static str, Standing, i64, [i64; 4])> {
    use Standing::{Approved, Ended, Pending, Unknown};
    let unknown = |text: &str| Unknown(text.to_owned());
    let order = 34_900;
    vec![
        ("order-initialized", Pending, order, [0, 0, 0, 0]),
        ("order-paid", Approved, order, [order, 0, 0, 0]),
        (
            "order-paid-with-agreement",
            Approved,
            order,
            [order, 0, 0, 0],
        ),
        (
            "order-partly-captured",
            Approved,
            order,
            [order, 10_000, 0, 0],
        ),
        ("order-captured", Approved, order, [order, order, 0, 0]),
        (
            "order-captured-then-released",
            Approved,
            order,
            [order, 10_000, 24_900, 0],
        ),
        (
            "order-partly-refunded",
            Approved,
            order,
            [order, order, 0, 4_900],
        ),
        ("order-reversed", Approved, order, [order, order, 0, order]),
        ("order-cancelled", Approved, order, [order, 0, order, 0]),
        ("order-sale", Approved, order, [order, order, 0, 0]),
        (
            "order-aborted",
            Ended(EndReason::Cancelled),
            order,
            [0, 0, 0, 0],
        ),
        (
            "order-charge-failed",
            Ended(EndReason::Declined),
            order,
            [0, 0, 0, 0],
        ),
        ("verify-initialized", Pending, 0, [0, 0, 0, 0]),
        ("verify-paid", Approved, 0, [0, 0, 0, 0]),
        ("verify-with-tokens", Approved, 0, [0, 0, 0, 0]),
        (
            "order-strange-status",
            unknown("PartlyParked"),
            order,
            [0, 0, 0, 0],
        ),
        (
            "order-list-behind",
            unknown("Paid: the refundable rest does not follow from captures and refunds"),
            order,
            [0, 0, 0, 0],
        ),
        (
            "order-over-refunded",
            unknown("Paid: more is refunded than was captured"),
            order,
            [0, 0, 0, 0],
        ),
    ]
}

/// Name, status, kind, code.
const PROBLEMS: [(&str, u16, FailureKind, &str); 7] = [
    (
        "problem-over-capture",
        403,
        FailureKind::Refused,
        "forbidden",
    ),
    (
        "problem-reference-used",
        400,
        FailureKind::Refused,
        "payee_reference_used",
    ),
    (
        "problem-phone-refused",
        400,
        FailureKind::Refused,
        "inputerror",
    ),
    (
        "problem-token-inactive",
        422,
        FailureKind::Refused,
        "paymenttokeninactive",
    ),
    (
        "problem-token-unknown",
        404,
        FailureKind::NotFound,
        "inputerror",
    ),
    (
        "problem-card-declined",
        403,
        FailureKind::Refused,
        "acquirerinsufficientfunds",
    ),
    (
        "problem-system-error",
        500,
        FailureKind::ProviderBroken,
        "systemerror",
    ),
];

#[test]
fn every_recorded_order_means_what_is_stated() {
    for (name, standing, ordered, amounts) in orders() {
        let seen = read(&answer(name)).unwrap();
        let nok = |minor| Money::new(minor, Currency::NOK);
        assert_eq!(seen.standing, standing, "{name}");
        assert_eq!(seen.order_amount, nok(ordered), "{name}");
        let found = [
            seen.authorized,
            seen.captured,
            seen.cancelled,
            seen.refunded,
        ];
        assert_eq!(found, amounts.map(nok), "{name}");
        assert_eq!(seen.provider_ref.as_str(), ID, "{name}");
        let expected = (name != "order-cancelled").then_some(REFERENCE);
        assert_eq!(seen.reference.as_deref(), expected, "{name}");
    }
}

#[test]
fn every_recorded_problem_means_what_is_stated() {
    for (name, status, kind, code) in PROBLEMS {
        let problem = serde_json::from_str(&fixture(name)).unwrap();
        let error = CallError::answered(Effect::Possible, status, Some(problem), None);
        let failure = error.error.failure();
        assert_eq!(
            (failure.kind, failure.code.as_deref()),
            (kind, Some(code)),
            "{name}"
        );
        assert_eq!(error.error.may_have_happened(), status >= 500, "{name}");
        let gone = ["problem-token-inactive", "problem-token-unknown"].contains(&name);
        assert_eq!(error.says_token_is_gone(), gone, "{name}");
        let shown = format!("{error:?} {}", error.error);
        for personal in ["4790000000", "02VQ7F6GJ1LJ9V2T3K5B8X4ZC"] {
            assert!(!shown.contains(personal), "{shown}");
        }
    }
}

#[test]
fn no_recorded_body_is_without_a_stated_meaning() {
    let folder = format!("{}/fixtures", env!("CARGO_MANIFEST_DIR"));
    let recorded: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let mut stated: BTreeSet<String> = orders()
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    stated.extend(PROBLEMS.iter().map(|(name, ..)| (*name).to_owned()));
    // These two are read by the tests of `notification`.
    stated.extend(["callback-v30", "callback-v31"].map(str::to_owned));
    assert_eq!(recorded, stated);
}

#[test]
fn the_account_chooses_which_permission_is_kept() {
    for (kind, fixture, token) in [
        (
            "unscheduled",
            "order-paid-with-agreement",
            Some("fixture-unscheduled-token"),
        ),
        (
            "recurrence",
            "order-paid-with-agreement",
            Some("fixture-recurrence-token"),
        ),
        (
            "unscheduled",
            "verify-paid",
            Some("fixture-unscheduled-token"),
        ),
        ("recurrence", "verify-paid", None),
        ("unscheduled", "order-paid", None),
    ] {
        let asked = ProviderRef(ID.to_owned());
        let seen = snapshot(&settings(kind), &attempt(), &asked, &answer(fixture).order).unwrap();
        let found = seen
            .agreement
            .token()
            .map(|found| found.0.expose_secret().to_owned());
        assert_eq!(found.as_deref(), token, "{kind} {fixture}");
    }
}

#[test]
fn each_flow_gets_its_own_link() {
    let created = answer("order-initialized");
    let next = |flow| {
        started(&settings("unscheduled"), flow, "nb-NO", &created)
            .unwrap()
            .next
    };
    let NextStep::Redirect(page) = next(Flow::Redirect) else {
        panic!("a redirect was expected");
    };
    assert!(page.starts_with("https://ecom.externalintegration.payex.com/checkout/c0ffee"));
    let NextStep::Seamless(View::Payex {
        script_url,
        culture,
    }) = next(Flow::Seamless)
    else {
        panic!("a view was expected");
    };
    assert!(
        script_url.contains("/checkout/client/c0ffee"),
        "{script_url}"
    );
    assert_eq!(culture, "nb-NO");
}

#[test]
fn a_create_without_a_usable_link_or_id_is_a_bad_answer() {
    let mut plain: Value = serde_json::from_str(&fixture("order-initialized")).unwrap();
    plain["operations"] = json!([{ "rel": "view-checkout", "href": "http://ecom.payex.com/x" }]);
    let mut foreign: Value = serde_json::from_str(&fixture("order-initialized")).unwrap();
    foreign["paymentOrder"]["id"] = json!("/psp/creditcard/payments/1");
    for body in [plain, foreign] {
        let answer: Answer = serde_json::from_value(body).unwrap();
        for flow in [Flow::Seamless, Flow::Redirect] {
            let failure = started(&settings("unscheduled"), flow, "nb-NO", &answer).unwrap_err();
            assert_eq!(failure.kind, FailureKind::BadAnswer);
        }
    }
}

#[test]
fn an_answer_about_another_order_or_in_no_currency_is_not_believed() {
    for (field, value) in [
        (
            "id",
            json!("/psp/paymentorders/00000000-1276-44e9-9992-7cf4419750e1"),
        ),
        ("currency", json!("XXX")),
        ("amount", Value::Null),
    ] {
        let mut body: Value = serde_json::from_str(&fixture("order-paid")).unwrap();
        body["paymentOrder"][field] = value;
        let failure = read(&serde_json::from_value(body).unwrap()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadAnswer, "{field}");
    }
}

#[test]
fn a_failed_charge_is_declined_with_the_providers_code() {
    let failed = charged(&answer("order-charge-failed").order).unwrap();
    let code = "acquirerinsufficientfunds".to_owned();
    let declined = Charged::Declined {
        code,
        agreement_is_over: false,
    };
    assert_eq!(failed, declined);
    let paid = charged(&answer("order-paid").order).unwrap();
    assert_eq!(paid, Charged::Started(ProviderRef(ID.to_owned())));
}

#[test]
fn debug_shows_no_token_no_key_and_no_phone() {
    let account = Account {
        id: AccountId(Uuid::nil()),
        provider: ProviderId::Payex,
        settings: account_settings("unscheduled"),
    };
    let answer = answer("order-paid-with-agreement");
    let shown = format!(
        "{account:?} {:?} {:?} {answer:?} {:?}",
        settings("unscheduled"),
        order(Flow::Seamless),
        read(&answer).unwrap(),
    );
    for secret in [
        ACCESS_TOKEN,
        "callback-key-nobody-may-see",
        "fixture-unscheduled-token",
        "fixture-recurrence-token",
        "fixture-payment-token",
        "+4790000000",
    ] {
        assert!(!shown.contains(secret), "{secret} is shown in {shown}");
    }
}

proptest! {
    #[test]
    fn amounts_of_any_currency_come_back_as_they_were(
        minor in 1_i64..=i64::MAX,
        code in prop::sample::select(vec!["JPY", "NOK", "BHD"]),
    ) {
        let body = json!({ "paymentOrder": {
            "id": ID, "status": "Paid", "operation": "Purchase", "currency": code,
            "amount": minor, "remainingCaptureAmount": minor, "paid": { "amount": minor },
        }});
        let seen = read(&serde_json::from_value(body).unwrap()).unwrap();
        let money = Money::new(minor, code.parse().unwrap());
        prop_assert_eq!(seen.standing, Standing::Approved);
        prop_assert_eq!(seen.order_amount, money);
        prop_assert_eq!(seen.authorized, money);
        prop_assert!(seen.captured.is_zero() && seen.cancelled.is_zero());
    }

    #[test]
    fn a_status_that_payex_does_not_document_is_neither_success_nor_failure(
        status in "[A-Za-z]{1,60}",
    ) {
        let known = ["Initialized", "Paid", "Failed", "Cancelled", "Reversed", "Aborted"];
        prop_assume!(!known.contains(&status.as_str()));
        let mut body: Value = serde_json::from_str(&fixture("order-paid")).unwrap();
        body["paymentOrder"]["status"] = json!(status);
        let seen = read(&serde_json::from_value(body).unwrap()).unwrap();
        prop_assert!(matches!(seen.standing, Standing::Unknown(_)));
    }
}
