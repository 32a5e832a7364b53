//! Latency, faults, the stand-in for the payer, and the record of calls.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::world::{TOKEN, pointer, purchase, until, world};

#[tokio::test]
async fn controls_change_only_what_is_named() {
    let world = world().await;
    let (status, _) = world
        .control(&json!({ "latencyMs": 5, "failRate": 0.25 }))
        .await;
    assert_eq!(status, 200);
    let (_, now) = world
        .control(&json!({ "autoApprove": true, "failRate": 0 }))
        .await;
    assert_eq!(
        now,
        json!({
            "latencyMs": 5, "latencyJitterMs": 0, "failRate": 0, "timeoutRate": 0,
            "callbackDelayMs": 0, "dropCallbacks": false, "duplicateCallbacks": false,
            "reorderCallbacks": false, "autoApprove": true,
        })
    );
    let shown = world.http.get(world.url("/_control")).send().await.unwrap();
    assert_eq!(shown.json::<serde_json::Value>().await.unwrap(), now);
}

#[tokio::test]
async fn unknown_controls_and_impossible_values_are_refused_and_change_nothing() {
    let world = world().await;
    for body in [
        json!({ "latency": 5 }),
        json!({ "failRate": 1.5 }),
        json!({ "failRate": -1 }),
        json!({ "timeoutRate": "1" }),
        json!({ "latencyMs": -1 }),
        json!({ "latencyMs": 10_000_000 }),
        json!({ "latencyMs": 7, "dropCallbacks": "yes" }),
    ] {
        let (status, problem) = world.control(&body).await;
        assert_eq!(status, 400, "{body}");
        assert!(
            !problem["problems"][0]["description"]
                .as_str()
                .unwrap()
                .is_empty()
        );
    }
    let shown = world.http.get(world.url("/_control")).send().await.unwrap();
    assert_eq!(
        shown.json::<serde_json::Value>().await.unwrap()["latencyMs"],
        0
    );
}

#[tokio::test]
async fn a_failing_call_has_no_effect_and_is_recorded() {
    let world = world().await;
    world.control(&json!({ "failRate": 1 })).await;
    let (status, problem) = world.create(&purchase("A1")).await;
    assert_eq!(status, 500);
    assert!(problem["type"].as_str().unwrap().ends_with("systemerror"));
    world.control(&json!({ "failRate": 0 })).await;
    world.open(&purchase("A1")).await;
    let calls = world.calls("order-A1").await;
    assert_eq!(
        calls,
        [("initiate".to_owned(), 500), ("initiate".to_owned(), 201)]
    );
}

#[tokio::test]
async fn a_call_that_times_out_takes_effect_and_is_never_answered() {
    let world = world().await;
    world.control(&json!({ "timeoutRate": 1 })).await;
    let request = world
        .http
        .post(world.url("/psp/paymentorders"))
        .bearer_auth(TOKEN)
        .header("Content-Type", "application/json;version=3.1")
        .body(json!({ "paymentorder": purchase("A1") }).to_string());
    let sent = tokio::spawn(request.send());
    until("the call to take effect", async || {
        let calls = world.calls("order-A1").await;
        (calls == [("initiate".to_owned(), 201)]).then_some(())
    })
    .await;
    assert!(!sent.is_finished());
    // Letting go of the connection gives no answer either.
    world.sandbox.shutdown().await;
    let error = sent.await.unwrap().unwrap_err();
    assert!(error.status().is_none() && error.is_request(), "{error:?}");
    world.control(&json!({ "timeoutRate": 0 })).await;
    let (status, problem) = world.create(&purchase("A1")).await;
    assert_eq!(status, 400, "{problem:#}");
    assert_eq!(world.payer("order-A1", "approve").await.0, 200);
}

#[tokio::test]
async fn latency_is_added_to_every_call() {
    let world = world().await;
    world.control(&json!({ "latencyMs": 120 })).await;
    let started = Instant::now();
    world.open(&purchase("A1")).await;
    assert!(started.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn with_auto_approve_an_order_is_seen_open_once_and_then_paid() {
    let world = world().await;
    world.control(&json!({ "autoApprove": true })).await;
    let order = world.open(&purchase("A1")).await;
    assert_eq!(pointer(&order, "/paymentOrder/status"), "Initialized");
    let now = world.read(&order).await;
    assert_eq!(pointer(&now, "/paymentOrder/status"), "Paid");
}

#[tokio::test]
async fn the_record_names_every_call_of_a_payment_oldest_first() {
    let world = world().await;
    let order = world.open(&purchase("A1")).await;
    let id = pointer(&order, "/paymentOrder/id").as_str().unwrap();
    world.call(Method::GET, id, None).await;
    let update = json!({ "operation": "UpdateOrder", "amount": 1600, "vatAmount": 0 });
    world.patch(&order, &update).await;
    let abort = json!({ "operation": "Abort", "abortReason": "CancelledByConsumer" });
    world.patch(&order, &abort).await;
    world.patch(&order, &abort).await;
    let calls = world.calls("order-A1").await;
    let calls: Vec<_> = calls
        .iter()
        .map(|(name, status)| (name.as_str(), *status))
        .collect();
    assert_eq!(
        calls,
        [
            ("initiate", 201),
            ("inquire", 200),
            ("cancel", 200),
            ("cancel", 403)
        ]
    );
    assert!(world.calls("order-unknown").await.is_empty());
    let answer = world.http.get(world.url("/_calls")).send().await.unwrap();
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn the_payers_stand_in_finds_the_order_and_says_when_it_cannot_act() {
    let world = world().await;
    assert_eq!(world.payer("nothing", "approve").await.0, 404);
    let order = world.open(&purchase("A1")).await;
    assert_eq!(world.payer("order-A1", "dance").await.0, 400);
    let (status, answer) = world.payer("order-A1", "cancel").await;
    assert_eq!(
        (status.as_u16(), &answer["status"]),
        (200, &json!("Aborted"))
    );
    assert_eq!(world.payer("order-A1", "approve").await.0, 409);
    let now = world.read(&order).await;
    assert_eq!(
        pointer(&now, "/paymentOrder/aborted/abortReason"),
        "Payment aborted by payer"
    );
}
