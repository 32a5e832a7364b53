//! The proof that the adapter keeps the provider's contract: every request that it can send is held
//! against the project's own schemas and, where `OFFICIAL_SPECS` names them, against the provider's
//! official files. The requests are those that really arrive at a server.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

mod specifications;
mod stage;

use mcpay_port::{
    Attempt, Currency, Money, PaymentMethod, PaymentOrder, PaymentRef, Period, PeriodUnit,
    Profiles, Provider, Webhooks,
};
use serde_json::json;
use uuid::{NoContext, Timestamp, Uuid};

use specifications::{check_answer, check_request, refusals};
use stage::words::*;
use stage::*;

/// Holds everything that arrived against the files, and says how much it was.
fn check(stage: &Stage) -> usize {
    let mut asked = stage.tokens_asked();
    asked.extend(stage.asked());
    for call in &asked {
        check_request(&call.method, &call.path, &call.headers, call.body.as_ref());
    }
    asked.len()
}

/// What is asked for is all that matters here.
fn nothing_to_say() -> Vec<Say> {
    vec![Say::Json(200, json!({}))]
}

async fn initiate(order: &PaymentOrder) {
    let stage = stage(nothing_to_say());
    let _ = vipps().initiate(&stage.account(), operation(), order).await;
    assert_eq!(check(&stage), 2, "a token and a create");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_of_an_epayment_can_be_sent() {
    let order = order(PaymentMethod::VippsEcommerce);
    initiate(&order).await;
    let mut bare = order.clone();
    bare.payer.phone_number = None;
    bare.payer.profile_scope.clear();
    initiate(&bare).await;
    for description in ["", "x", &"æøå ".repeat(60), "line\nbreak"] {
        initiate(&PaymentOrder {
            description: description.to_owned(),
            ..order.clone()
        })
        .await;
    }
    for code in ["DKK", "EUR"] {
        let amount = Money::new(65_000_000, Currency::from_code(code).unwrap());
        initiate(&PaymentOrder {
            amount,
            ..order.clone()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_of_a_draft_can_be_sent() {
    let order = order(PaymentMethod::VippsRecurring);
    for capture_at_once in [false, true] {
        initiate(&PaymentOrder {
            capture_at_once,
            ..order.clone()
        })
        .await;
    }
    initiate(&PaymentOrder {
        amount: nok(0),
        ..order.clone()
    })
    .await;
    initiate(&PaymentOrder {
        description: "æøå ".repeat(60),
        ..order.clone()
    })
    .await;
    let mut bare = order.clone();
    bare.payer.phone_number = None;
    bare.payer.profile_scope.clear();
    initiate(&bare).await;
    let units = [
        PeriodUnit::Days,
        PeriodUnit::Weeks,
        PeriodUnit::Months,
        PeriodUnit::Years,
    ];
    let periods = units.map(|unit| Some(Period { length: 31, unit }));
    for period in periods.into_iter().chain([None]) {
        let mut order = order.clone();
        order.agreement.as_mut().unwrap().period = period;
        initiate(&order).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_of_a_charge_can_be_sent() {
    let dated = charge_order();
    let mut undated = charge_order();
    undated.due = None;
    for (unscheduled, order) in [(false, &dated), (true, &dated), (true, &undated)] {
        let stage = stage(nothing_to_say());
        let mut settings = stage.settings();
        settings["unscheduled"] = json!(unscheduled);
        let account = account(&settings);
        let _ = vipps()
            .charge(&account, operation(), &agreement(), order)
            .await;
        assert_eq!(check(&stage), 2, "a token and a charge");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_question_and_every_change_can_be_sent() {
    let stage = stage(vec![Say::Json(
        200,
        json!({ "status": "PENDING", "id": AGREEMENT }),
    )]);
    let (vipps, account) = (vipps(), stage.account());
    let unnamed = Attempt {
        reference: PaymentRef(Uuid::new_v7(Timestamp::now(NoContext))),
        provider_ref: None,
        ..first_payment()
    };
    for attempt in [payment(), first_payment(), begun_charge(), unnamed] {
        let _ = vipps.inquire(&account, &attempt).await;
    }
    for attempt in [payment(), first_payment(), begun_charge()] {
        let (some, vat) = (nok(500), nok(100));
        let _ = vipps
            .capture(&account, operation(), &attempt, some, vat)
            .await;
        let _ = vipps
            .refund(&account, operation(), &attempt, some, vat)
            .await;
        let _ = vipps.cancel(&account, operation(), &attempt).await;
        let _ = vipps.close(&account, operation(), &attempt).await;
    }
    let _ = vipps.stop(&account, operation(), &agreement()).await;
    let _ = vipps
        .register(&account, &"https://mcpay.example/1".parse().unwrap())
        .await;
    let _ = vipps.list(&account).await;
    let subject = "c06c4afe-d9e1-4c5d-939a-177d752a0944".into();
    let _ = vipps.fetch(&account, &subject).await;
    let _ = vipps
        .remove(&account, "497f6eca-6276-4993-bfeb-53cbbbba6f08")
        .await;
    assert_eq!(
        check(&stage),
        1 + 4 + 13 + 5,
        "one more than the changes: a draft is looked at"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_event_log_can_be_asked_for() {
    let stage = stage(vec![
        say(200, "epayment-without-aggregate"),
        say(200, "log-captured"),
    ]);
    vipps().inquire(&stage.account(), &payment()).await.unwrap();
    assert_eq!(check(&stage), 3, "a token, the payment and its log");
}

/// The bodies that the adapter is tested with are ones that the provider can send.
#[test]
fn the_fixtures_are_answers_of_the_provider() {
    let payment = format!("/epayment/v1/payments/{REFERENCE}");
    let log = format!("{payment}/events");
    let agreement = format!("/recurring/v3/agreements/{AGREEMENT}");
    let charge = format!("{agreement}/charges/{OPERATION}");
    let impossible = ["strange", "over-", "mixed-", "without-", "in-doubt"];
    let folder = format!("{}/fixtures", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut checked = 0;
    for name in names.map(|file| file.trim_end_matches(".json").to_owned()) {
        let path = match name.split('-').next() {
            Some("epayment") => &payment,
            Some("agreement") => &agreement,
            Some("charge" | "initial") => &charge,
            Some("log") => &log,
            _ => continue,
        };
        if impossible.iter().all(|part| !name.contains(part)) {
            check_answer("GET", path, 200, Some(&fixture(&name)));
            checked += 1;
        }
    }
    assert!(checked > 30, "only {checked} were checked");
}

#[test]
fn the_proof_would_find_a_wrong_body() {
    for (method, path, body) in [
        ("POST", "/epayment/v1/payments", json!({})),
        (
            "POST",
            "/epayment/v1/payments/x/capture",
            json!({ "amount": 1 }),
        ),
        (
            "PATCH",
            "/recurring/v3/agreements/x",
            json!({ "status": "STOPPED", "x": 1 }),
        ),
        (
            "POST",
            "/recurring/v3/agreements/x/charges",
            json!({ "amount": 100 }),
        ),
        (
            "POST",
            "/webhooks/v1/webhooks",
            json!({ "url": "https://mcpay.example/" }),
        ),
        ("POST", "/accesstoken/get", json!({})),
    ] {
        let (files, refused) = refusals(method, path, Some(&body));
        assert_eq!(refused, files, "{method} {path} with {body} passed");
    }
}
