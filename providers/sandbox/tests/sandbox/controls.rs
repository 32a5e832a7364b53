//! The controls, the record of calls and the payer's stand-in, as any simulator offers them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mcpay_sandbox::PayerAction;
use reqwest::Method;
use serde_json::json;

use super::world::{until, world};

const CAPTURE: &str = "/payments/A/capture";

#[tokio::test]
async fn a_call_is_carried_out_once_and_recorded_with_its_key_and_status() {
    let world = world(Duration::ZERO);
    assert_eq!(world.send(Method::POST, CAPTURE, "").await.0, 201);
    assert_eq!(world.state.carried_out.load(Ordering::Relaxed), 1);
    assert_eq!(
        world.calls("A").await,
        json!([{ "operation": "capture", "idempotencyKey": "key-1", "status": 201 }])
    );
    assert_eq!(world.calls("B").await, json!([]));
}

#[tokio::test]
async fn a_call_of_many_payments_is_recorded_for_each() {
    let world = world(Duration::ZERO);
    world.send(Method::POST, "/charges", "").await;
    let charge = json!([{ "operation": "charge", "status": 201 }]);
    assert_eq!(world.calls("A").await, charge);
    assert_eq!(world.calls("B").await, charge);
}

#[tokio::test]
async fn a_call_that_fails_is_answered_in_the_providers_words_and_has_no_effect() {
    let world = world(Duration::ZERO);
    let both = json!({ "failRate": 1, "timeoutRate": 1 });
    world.set("/_control", &both).await;
    let (status, body) = world.send(Method::POST, CAPTURE, "").await;
    assert_eq!((status.as_u16(), body), (500, json!("our own words")));
    assert_eq!(world.state.carried_out.load(Ordering::Relaxed), 0);
    assert_eq!(world.calls("A").await[0]["status"], 500);
}

#[tokio::test]
async fn a_call_that_times_out_takes_effect_and_is_let_go_without_an_answer_at_the_end() {
    let world = world(Duration::ZERO);
    world.set("/_control", &json!({ "timeoutRate": 1 })).await;
    let request = world.http.post(format!("{}{CAPTURE}", world.base));
    let sent = tokio::spawn(request.send());
    until("the call to take effect", async || {
        (world.calls("A").await[0]["status"] == 201).then_some(())
    })
    .await;
    assert!(!sent.is_finished());
    world.state.stage.shutdown().await;
    let error = sent.await.unwrap().unwrap_err();
    assert!(error.status().is_none() && error.is_request(), "{error:?}");
}

#[tokio::test]
async fn the_payers_stand_in_hands_the_action_to_the_simulator() {
    let world = world(Duration::ZERO);
    for action in ["approve", "decline", "cancel"] {
        let body = json!({ "action": action }).to_string();
        let (status, answer) = world.send(Method::POST, "/_payer/A", &body).await;
        assert_eq!(
            (status.as_u16(), answer),
            (200, json!({ "reference": "A" }))
        );
    }
    let acted = world.state.acted.lock().unwrap().clone();
    let reference = || "A".to_owned();
    assert_eq!(
        acted,
        [
            (reference(), PayerAction::Approve),
            (reference(), PayerAction::Decline),
            (reference(), PayerAction::Cancel),
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_as_a_problem_that_says_why() {
    let world = world(Duration::ZERO);
    let approve = r#"{ "action": "approve" }"#;
    for (method, path, body, expected) in [
        (Method::POST, "/_payer/A", r#"{ "action": "dance" }"#, 400),
        (Method::POST, "/_payer/A", "", 400),
        (Method::POST, "/_payer/unknown", approve, 404),
        (Method::POST, "/_payer/over", approve, 409),
        (Method::GET, "/_calls", "", 400),
        (Method::PUT, "/_control", r#"{ "latency": 1 }"#, 400),
        (Method::PUT, "/_control", r#"{ "latencyMs": 600001 }"#, 400),
    ] {
        let (status, problem) = world.send(method, path, body).await;
        assert_eq!(status, expected, "{path} {body}");
        assert_eq!(problem["status"], expected, "{path} {body}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(!detail.is_empty());
        assert_eq!(problem["problems"][0]["description"], detail);
    }
    assert!(world.state.acted.lock().unwrap().is_empty());
}
