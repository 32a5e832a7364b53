//! The controls that every sandbox has, and the forty-eight hours of a session.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::*;

#[tokio::test]
async fn every_call_of_a_payment_is_recorded_with_its_key_and_status() {
    let world = world();
    let id = world.paid(&embedded("ref-1", 100)).await;
    world.read(&id).await;
    let whole = json!({ "amount": 100 });
    let path = format!("/v1/payments/{id}/charges");
    world
        .call_with(Method::POST, &path, Some("key-1"), Some(&whole))
        .await;
    world.post(&path, &whole).await;
    world
        .post(&format!("/v1/payments/{id}/refunds"), &whole)
        .await;
    world
        .put(&format!("/v1/payments/{id}/terminate"), None)
        .await;
    let calls = format!("{}/_calls?reference=ref-1", world.base);
    let calls: Value = world
        .http
        .get(calls)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let seen = |call: &Value| {
        let key = call["idempotencyKey"].as_str().unwrap_or_default();
        let operation = text(call, "/operation");
        format!("{operation} {} {key}", call["status"])
            .trim()
            .to_owned()
    };
    let seen: Vec<String> = calls.as_array().unwrap().iter().map(seen).collect();
    let expected = [
        "initiate 201",
        "inquire 200",
        "capture 201 key-1",
        "capture 402",
        "refund 201",
        "cancel 409",
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_call_that_is_told_to_fail_has_no_effect() {
    let world = world();
    let id = world.paid(&embedded("ref-1", 100)).await;
    world.control(&json!({ "failRate": 1 })).await;
    let path = format!("/v1/payments/{id}/charges");
    let (status, answer) = world.post(&path, &json!({ "amount": 100 })).await;
    assert_eq!((status, text(&answer, "/code")), (500, "1000"));
    world.control(&json!({ "failRate": 0 })).await;
    let sums = json!({ "reservedAmount": 100 });
    assert_eq!(world.read(&id).await["summary"], sums);
}

#[tokio::test]
async fn a_payer_approves_by_itself_when_told() {
    let world = world();
    world.control(&json!({ "autoApprove": true })).await;
    let mut body = embedded("ref-1", 100);
    body["notifications"] = world.hooks(&["payment.checkout.completed"]);
    let id = world.open(&body).await;
    world.arrived(1).await;
    assert_eq!(world.read(&id).await["summary"]["reservedAmount"], 100);
}

#[tokio::test]
async fn the_payer_may_be_declined_and_then_approve_or_leave() {
    let world = world();
    let id = world.open(&embedded("ref-1", 100)).await;
    let (status, answer) = world.payer("ref-1", "decline").await;
    assert_eq!((status, text(&answer, "/status")), (200, "open"));
    assert_eq!(world.read(&id).await["summary"], json!({}));
    let (_, answer) = world.payer("ref-1", "approve").await;
    assert_eq!(text(&answer, "/status"), "reserved");
    for action in ["approve", "decline", "cancel"] {
        assert_eq!(world.payer("ref-1", action).await.0, 409, "{action}");
    }
    let left = world.open(&embedded("ref-2", 100)).await;
    let (_, answer) = world.payer("ref-2", "cancel").await;
    assert_eq!(text(&answer, "/status"), "terminated");
    assert!(world.read(&left).await["terminated"].is_string());
    assert_eq!(world.payer("ref-3", "approve").await.0, 404);
}

#[tokio::test]
async fn a_session_ends_after_forty_eight_hours_of_the_answers_own_clock() {
    let world = world();
    let id = world.open(&hosted("ref-1", 100)).await;
    let url = format!("{}/v1/payments/{id}", world.base);
    let date = async || {
        let answer = world.http.get(&url).header("Authorization", SECRET_KEY);
        let answer = answer.send().await.unwrap();
        let date = answer.headers()["date"].to_str().unwrap().to_owned();
        chrono::DateTime::parse_from_rfc2822(&date).unwrap()
    };
    let before = date().await;
    world.move_clock(48 * 3_600 + 1).await;
    assert!(date().await - before >= chrono::TimeDelta::hours(48));
    let (status, answer) = world.payer("ref-1", "approve").await;
    assert_eq!(status, 409);
    assert!(text(&answer, "/detail").contains("expired"), "{answer:#}");
    let payment = world.read(&id).await;
    let page = world
        .http
        .get(text(&payment, "/checkout/url"))
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 200);
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("This payment is closed")
    );
}
