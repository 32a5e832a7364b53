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
async fn a_key_that_is_forgotten_is_a_new_one() {
    let world = world().await;
    world.authorized("order-0001").await;
    let path = "/epayment/v1/payments/order-0001/capture";
    let capture = async || {
        let (status, answer) = world
            .call_with_key(Method::POST, path, Some(&amount(100)), "key")
            .await;
        (
            status.as_u16(),
            answer["aggregate"]["capturedAmount"]["value"].clone(),
        )
    };
    assert_eq!(capture().await, (200, json!(100)));
    assert_eq!(capture().await, (200, json!(100)), "the first answer");
    world
        .control(Method::PUT, "/_rules", &json!({ "keysKeptSeconds": 0 }))
        .await;
    assert_eq!(capture().await, (200, json!(200)), "captured twice");
}

#[tokio::test]
async fn access_can_be_refused_to_those_who_had_it() {
    let world = world().await;
    world.authorized("order-0001").await;
    let refuse = async |refuses: bool| {
        let rules = json!({ "refusesAccess": refuses });
        world.control(Method::PUT, "/_rules", &rules).await
    };
    let path = "/epayment/v1/payments/order-0001/capture";
    refuse(true).await;
    assert_eq!(world.post(path, &amount(100)).await.0, 401);
    refuse(false).await;
    assert_eq!(world.post(path, &amount(100)).await.0, 200);
}

#[tokio::test]
async fn who_is_busy_tells_when_to_come_back() {
    let world = world().await;
    world.authorized("order-0001").await;
    let busy = async |seconds: u32| {
        let rules = json!({ "busySeconds": seconds });
        world.control(Method::PUT, "/_rules", &rules).await
    };
    busy(90).await;
    let path = "/epayment/v1/payments/order-0001";
    let answer = world.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "90");
    busy(0).await;
    assert_eq!(world.payment("order-0001").await["state"], "AUTHORIZED");
}

#[tokio::test]
async fn rules_change_only_what_is_named_and_unknown_ones_are_refused() {
    let world = world().await;
    let set = async |rules: Value| world.control(Method::PUT, "/_rules", &rules).await;
    let (status, now) = set(json!({ "acceptsOnly": true })).await;
    let expected = json!({
        "rateLimits": true, "acceptsOnly": true, "subDelaySeconds": 2, "refusesAccess": false,
        "busySeconds": 0, "keysKeptSeconds": 604_800,
    });
    assert_eq!((status.as_u16(), now), (200, expected.clone()));
    assert_eq!(set(json!({ "accepts": true })).await.0, 400);
    assert_eq!(set(json!({})).await.1, expected);
}
