//! What is posted to the merchant, when, and how often.

use serde_json::{Value, json};

use super::world::*;

const ALL: [&str; 14] = [
    "payment.created",
    "payment.reservation.created",
    "payment.reservation.created.v2",
    "payment.reservation.failed",
    "payment.checkout.completed",
    "payment.charge.created",
    "payment.charge.created.v2",
    "payment.charge.failed",
    "payment.charge.failed.v2",
    "payment.refund.initiated",
    "payment.refund.initiated.v2",
    "payment.refund.completed",
    "payment.refund.failed",
    "payment.cancel.created",
];

fn names(arrived: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = arrived.iter().map(|body| text(body, "/event")).collect();
    names.sort_unstable();
    names
}

fn find<'a>(arrived: &'a [Value], event: &str) -> &'a Value {
    let mut bodies = arrived.iter();
    bodies.find(|body| body["event"] == event).unwrap()
}

#[tokio::test]
async fn a_payments_life_is_told_in_both_forms_with_the_agreed_value() {
    let world = world();
    let mut body = embedded("ref-1", 1_000);
    body["notifications"] = world.hooks(&ALL);
    let id = world.paid(&body).await;
    let part = json!({ "amount": 400, "orderItems": [item(400)] });
    let (_, charge) = world
        .post(&format!("/v1/payments/{id}/charges"), &part)
        .await;
    let (_, refund) = world
        .post(&format!("/v1/payments/{id}/refunds"), &part)
        .await;
    let rest = json!({ "amount": 600, "orderItems": [item(600)] });
    world
        .post(&format!("/v1/payments/{id}/cancels"), &rest)
        .await;
    let arrived = world.arrived(10).await;
    let expected = [
        "payment.cancel.created",
        "payment.charge.created",
        "payment.charge.created.v2",
        "payment.checkout.completed",
        "payment.created",
        "payment.refund.completed",
        "payment.refund.initiated",
        "payment.refund.initiated.v2",
        "payment.reservation.created",
        "payment.reservation.created.v2",
    ];
    assert_eq!(names(&arrived), expected);
    assert!(arrived.iter().all(|body| body["data"]["paymentId"] == id));
    let first = find(&arrived, "payment.reservation.created");
    let second = find(&arrived, "payment.reservation.created.v2");
    assert_eq!(first["id"], second["id"]);
    assert!(first["merchantId"].is_number() && first["merchantNumber"].is_null());
    assert!(second["merchantNumber"].is_number() && second["merchantId"].is_null());
    let charged = find(&arrived, "payment.charge.created.v2");
    assert_eq!(charged["id"], charge["chargeId"]);
    assert_eq!(
        charged["data"]["amount"],
        json!({ "amount": 400, "currency": "NOK" })
    );
    let initiated = find(&arrived, "payment.refund.initiated.v2");
    assert_eq!(initiated["id"], refund["refundId"]);
    let cancelled = find(&arrived, "payment.cancel.created");
    assert_eq!(cancelled["id"], cancelled["data"]["cancelId"]);
    let shop = world.shop.arrived.lock().unwrap();
    assert!(shop.iter().all(|(value, _)| value == AUTHORIZATION));
}

#[tokio::test]
async fn what_fails_is_told_too() {
    let world = world();
    let mut body = hosted("ref-1", 1_000);
    body["notifications"] = world.hooks(&[
        "payment.reservation.failed",
        "payment.charge.failed",
        "payment.charge.failed.v2",
        "payment.refund.failed",
    ]);
    let (_, created) = world.post("/v1/payments", &body).await;
    let page = text(&created, "/hostedPaymentPageUrl");
    world.form(page, &card_form(DECLINED)).await;
    world.form(page, &card_form(CHARGE_FAILS)).await;
    let id = text(&created, "/paymentId");
    let whole = json!({ "amount": 1_000 });
    world
        .post(&format!("/v1/payments/{id}/charges"), &whole)
        .await;
    body["checkout"]["charge"] = json!(true);
    let id = world.paid_with(&body, REFUND_FAILS).await;
    world
        .post(&format!("/v1/payments/{id}/refunds"), &whole)
        .await;
    let arrived = world.arrived(4).await;
    let expected = [
        "payment.charge.failed",
        "payment.charge.failed.v2",
        "payment.refund.failed",
        "payment.reservation.failed",
    ];
    assert_eq!(names(&arrived), expected);
    assert!(
        arrived
            .iter()
            .all(|body| body["data"]["error"]["code"].is_string())
    );
}

#[tokio::test]
async fn only_exactly_200_is_taken() {
    let world = world();
    // The last one is answered first.
    *world.shop.answers.lock().unwrap() = vec![500, 202, 204];
    let mut body = embedded("ref-1", 100);
    body["notifications"] = world.hooks(&["payment.created"]);
    world.open(&body).await;
    let arrived = world.arrived(4).await;
    assert!(arrived.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(world.shop.answers.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_is_told_what_they_did_not_subscribe_to() {
    let world = world();
    let mut body = embedded("ref-1", 100);
    body["notifications"] = world.hooks(&["payment.checkout.completed"]);
    world.paid(&body).await;
    // Posted after everything else that would have been.
    world
        .paid(&{
            body["myReference"] = json!("ref-2");
            body
        })
        .await;
    assert_eq!(
        names(&world.arrived(2).await),
        ["payment.checkout.completed"; 2]
    );
}

#[tokio::test]
async fn webhooks_come_twice_when_told() {
    let world = world();
    world.control(&json!({ "duplicateCallbacks": true })).await;
    let mut body = embedded("ref-1", 100);
    body["notifications"] = world.hooks(&["payment.created"]);
    world.open(&body).await;
    let arrived = world.arrived(2).await;
    assert_eq!(arrived[0]["id"], arrived[1]["id"]);
}

#[tokio::test]
async fn webhooks_come_in_the_wrong_order_when_told() {
    let world = world();
    let mut body = embedded("ref-1", 100);
    body["notifications"] = world.hooks(&["payment.created", "payment.checkout.completed"]);
    world.control(&json!({ "reorderCallbacks": true })).await;
    world.paid(&body).await;
    let arrived = world.arrived(2).await;
    assert_eq!(arrived[0]["event"], "payment.checkout.completed");
    assert_eq!(arrived[1]["event"], "payment.created");
}

#[tokio::test]
async fn a_charge_of_an_agreement_tells_those_it_names_itself() {
    let world = world();
    let mut first = embedded("ref-1", 0);
    first["unscheduledSubscription"] = json!({ "create": true });
    let id = world.paid(&first).await;
    let payment = world.read(&id).await;
    let card = text(
        &payment,
        "/unscheduledSubscription/unscheduledSubscriptionId",
    );
    let mut charge = embedded("ref-2", 100);
    charge.as_object_mut().unwrap().remove("checkout");
    charge["notifications"] = world.hooks(&ALL);
    let path = format!("/v1/unscheduledsubscriptions/{card}/charges");
    world.post(&path, &charge).await;
    let expected = [
        "payment.charge.created",
        "payment.charge.created.v2",
        "payment.created",
        "payment.reservation.created",
        "payment.reservation.created.v2",
    ];
    assert_eq!(names(&world.arrived(5).await), expected);
}

#[tokio::test]
async fn a_stopped_sandbox_sends_nothing_more() {
    let world = world();
    world.control(&json!({ "callbackDelayMs": 60_000 })).await;
    let mut body = embedded("ref-1", 100);
    body["notifications"] = world.hooks(&ALL);
    world.paid(&body).await;
    // It waits until its tasks are gone, so nothing is left that could be sent later.
    world.sandbox.shutdown().await;
    assert!(world.shop.arrived.lock().unwrap().is_empty());
}
