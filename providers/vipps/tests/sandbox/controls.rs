//! The record of calls, the payer's stand-in, faults, and this sandbox's own rules.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{amount, charge, part, payment, until, world};

#[tokio::test]
async fn the_record_names_every_call_by_the_merchants_own_reference() {
    let world = world().await;
    world.authorized("order-0001").await;
    world.payment("order-0001").await;
    world
        .post("/epayment/v1/payments/order-0001/capture", &amount(500))
        .await;
    world
        .post("/epayment/v1/payments/order-0001/refund", &amount(900))
        .await;
    world
        .call(
            Method::POST,
            "/epayment/v1/payments/order-0001/cancel",
            None,
        )
        .await;
    let calls = world.calls("order-0001").await;
    let expected = [
        ("initiate", 201),
        ("inquire", 200),
        ("capture", 200),
        ("refund", 400),
        ("cancel", 200),
    ];
    assert_eq!(
        calls,
        expected.map(|(name, status)| (name.to_owned(), status))
    );
}

#[tokio::test]
async fn a_charge_is_recorded_under_its_own_reference() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    world
        .post(&format!("{path}/charges"), &charge("charge-0001"))
        .await;
    world.get(&format!("{path}/charges/charge-0001")).await;
    world
        .post(
            &format!("{path}/charges/order-0001-first/capture"),
            &part(500),
        )
        .await;
    let names =
        |calls: Vec<(String, u64)>| calls.into_iter().map(|call| call.0).collect::<Vec<_>>();
    assert_eq!(
        names(world.calls("order-charge-0001").await),
        ["charge", "inquire"]
    );
    assert_eq!(
        names(world.calls("order-0001").await),
        ["initiate", "capture"]
    );
}

#[tokio::test]
async fn the_payers_stand_in_says_when_it_cannot_act() {
    let world = world().await;
    assert_eq!(world.payer("nothing", "approve").await.0, 404);
    world.authorized("order-0001").await;
    assert_eq!(world.payer("order-0001", "cancel").await.0, 409);
}

#[tokio::test]
async fn with_auto_approve_the_payer_approves_after_the_create_and_is_known_at_once() {
    let world = world().await;
    world
        .control(Method::PUT, "/_control", &json!({ "autoApprove": true }))
        .await;
    let mut order = payment("order-0001");
    order["profile"] = json!({ "scope": "name" });
    world.create(&order).await;
    let paid = until("the approval", async || {
        let now = world.payment("order-0001").await;
        (now["state"] == "AUTHORIZED").then_some(now)
    })
    .await;
    assert!(paid["profile"]["sub"].is_string());
    let events = world.get("/epayment/v1/payments/order-0001/events").await;
    assert_eq!(
        [0, 1].map(|at| &events[at]["name"]),
        ["CREATED", "AUTHORIZED"]
    );
}

#[tokio::test]
async fn a_failing_call_has_no_effect_and_is_not_remembered() {
    let world = world().await;
    world
        .control(Method::PUT, "/_control", &json!({ "failRate": 1 }))
        .await;
    let body = payment("order-0001");
    let create = async || {
        world
            .call_with_key(Method::POST, "/epayment/v1/payments", Some(&body), "key")
            .await
            .0
    };
    assert_eq!(create().await, 500);
    world
        .control(Method::PUT, "/_control", &json!({ "failRate": 0 }))
        .await;
    assert_eq!(create().await, 201);
}

#[tokio::test]
async fn rules_change_only_what_is_named_and_unknown_ones_are_refused() {
    let world = world().await;
    let set = async |rules: Value| world.control(Method::PUT, "/_rules", &rules).await;
    let (status, now) = set(json!({ "acceptsOnly": true })).await;
    let expected = json!({ "rateLimits": true, "acceptsOnly": true, "subDelaySeconds": 2 });
    assert_eq!((status.as_u16(), now), (200, expected.clone()));
    assert_eq!(set(json!({ "accepts": true })).await.0, 400);
    assert_eq!(set(json!({})).await.1, expected);
}
