//! Payments: their states, the money that moves, and the amounts that end badly.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{amount, payment, reasons, world};

fn values(payment: &Value) -> [i64; 4] {
    let value = |name: &str| payment["aggregate"][name]["value"].as_i64().unwrap();
    [
        "authorizedAmount",
        "capturedAmount",
        "cancelledAmount",
        "refundedAmount",
    ]
    .map(value)
}

#[tokio::test]
async fn an_approved_payment_is_captured_in_parts_and_refunded_in_parts() {
    let world = world().await;
    world.authorized("order-0001").await;
    let path = "/epayment/v1/payments/order-0001";
    for (what, value) in [("capture", 40_000), ("refund", 10_000), ("refund", 30_000)] {
        let (status, body) = world.post(&format!("{path}/{what}"), &amount(value)).await;
        assert_eq!(status, 200, "{body:#}");
    }
    let (_, problem) = world.post(&format!("{path}/capture"), &amount(9_901)).await;
    assert_eq!(reasons(&problem), ["6090"]);
    let (_, problem) = world.post(&format!("{path}/refund"), &amount(1)).await;
    assert_eq!(reasons(&problem), ["6150"]);
    let (status, _) = world
        .call(Method::POST, &format!("{path}/cancel"), None)
        .await;
    assert_eq!(status, 200);
    let now = world.payment("order-0001").await;
    assert_eq!(values(&now), [49_900, 40_000, 9_900, 40_000]);
    assert_eq!(now["state"], "AUTHORIZED");
    let events = world.get(&format!("{path}/events")).await;
    let names: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["name"].as_str().unwrap())
        .collect();
    let expected = [
        "CREATED",
        "AUTHORIZED",
        "CAPTURED",
        "REFUNDED",
        "REFUNDED",
        "CANCELLED",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn cancel_transaction_only_spares_an_authorised_payment() {
    let world = world().await;
    world.create(&payment("order-0001")).await;
    let only = json!({ "cancelTransactionOnly": true });
    let (status, body) = world
        .post("/epayment/v1/payments/order-0001/cancel", &only)
        .await;
    assert_eq!(
        (status.as_u16(), &body["state"]),
        (200, &json!("TERMINATED"))
    );
    assert_eq!(values(&body), [0, 0, 49_900, 0]);
    world.authorized("order-0002").await;
    let (status, problem) = world
        .post("/epayment/v1/payments/order-0002/cancel", &only)
        .await;
    assert_eq!((status.as_u16(), reasons(&problem)), (400, vec!["6060"]));
    assert_eq!(
        values(&world.payment("order-0002").await),
        [49_900, 0, 0, 0]
    );
}

#[tokio::test]
async fn nobody_acts_and_the_payment_expires_after_ten_minutes() {
    let world = world().await;
    world.create(&payment("order-0001")).await;
    world.clock(540).await;
    assert_eq!(world.payment("order-0001").await["state"], "CREATED");
    world.clock(601).await;
    assert_eq!(world.payment("order-0001").await["state"], "EXPIRED");
    assert_eq!(world.payer("order-0001", "approve").await.0, 409);
}

#[tokio::test]
async fn a_payer_who_cancels_aborts_and_one_who_is_declined_may_try_again() {
    let world = world().await;
    world.create(&payment("order-0001")).await;
    world.payer("order-0001", "cancel").await;
    assert_eq!(world.payment("order-0001").await["state"], "ABORTED");
    world.create(&payment("order-0002")).await;
    world.payer("order-0002", "decline").await;
    assert_eq!(world.payment("order-0002").await["state"], "CREATED");
    world.payer("order-0002", "approve").await;
    assert_eq!(world.payment("order-0002").await["state"], "AUTHORIZED");
}

#[tokio::test]
async fn the_magic_amounts_decline_but_force_approve_does_not_look_at_them() {
    let world = world().await;
    let mut poor = payment("order-0001");
    poor["amount"]["value"] = json!(151);
    world.create(&poor).await;
    let (status, answer) = world.payer("order-0001", "approve").await;
    assert_eq!(
        (status.as_u16(), &answer["status"]),
        (200, &json!("CREATED"))
    );
    let phone = json!({ "customer": { "phoneNumber": "4712345678" } });
    let path = "/epayment/v1/test/payments/order-0001/approve";
    assert_eq!(world.post(path, &phone).await.0, 200);
    assert_eq!(world.payment("order-0001").await["state"], "AUTHORIZED");
    let (_, problem) = world.post(path, &phone).await;
    assert_eq!(reasons(&problem), ["6230"]);
}

#[tokio::test]
async fn a_capture_and_a_refund_can_be_made_to_fail() {
    let world = world().await;
    world.authorized("order-0001").await;
    let capture = "/epayment/v1/payments/order-0001/capture";
    let (_, problem) = world.post(capture, &amount(162)).await;
    assert_eq!(reasons(&problem), ["6260"]);
    let later = amount(163);
    let (_, problem) = world
        .call_with_key(Method::POST, capture, Some(&later), "same-key")
        .await;
    assert_eq!(reasons(&problem), ["6280"]);
    let (status, _) = world
        .call_with_key(Method::POST, capture, Some(&later), "same-key")
        .await;
    assert_eq!(status, 200, "the same key later on");
    let refund = "/epayment/v1/payments/order-0001/refund";
    let (_, problem) = world.post(refund, &amount(123)).await;
    assert_eq!(reasons(&problem), ["5100"]);
    let (_, problem) = world.post(refund, &amount(124)).await;
    assert_eq!(reasons(&problem), ["6220"]);
}

#[tokio::test]
async fn money_is_reserved_for_180_days_only() {
    let world = world().await;
    world.authorized("order-0001").await;
    world.clock(181 * 24 * 3600).await;
    let path = "/epayment/v1/payments/order-0001";
    let (_, problem) = world.post(&format!("{path}/capture"), &amount(100)).await;
    assert_eq!(reasons(&problem), ["6100"]);
    let (_, problem) = world
        .call(Method::POST, &format!("{path}/cancel"), None)
        .await;
    assert_eq!(reasons(&problem), ["6030"]);
}

#[tokio::test]
async fn the_payer_is_known_a_little_after_the_approval_and_told_for_a_week() {
    let world = world().await;
    let mut order = payment("order-0001");
    order["profile"] = json!({ "scope": "name phoneNumber birthDate" });
    world.create(&order).await;
    world.payer("order-0001", "approve").await;
    assert_eq!(world.payment("order-0001").await["profile"], json!({}));
    world.clock(3).await;
    let now = world.payment("order-0001").await;
    let sub = now["profile"]["sub"].as_str().unwrap();
    assert_eq!(now["userDetails"]["mobileNumber"], "4791234567");
    let path = format!("/vipps-userinfo-api/userinfo/{sub}");
    let claims = world.get(&path).await;
    assert_eq!(claims["phone_number"], "4791234567");
    assert!(claims["birthdate"].is_string() && claims.get("email").is_none());
    world.clock(169 * 3600).await;
    let (status, problem) = world.call(Method::GET, &path, None).await;
    assert_eq!((status.as_u16(), &problem["status"]), (404, &json!("404")));
}
