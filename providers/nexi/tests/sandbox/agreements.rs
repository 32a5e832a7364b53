//! Stored cards and subscriptions.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::*;

/// The id of a stored card.
async fn stored(world: &World, reference: &str, amount: i64) -> String {
    let mut body = embedded(reference, amount);
    body["unscheduledSubscription"] = json!({ "create": true });
    let id = world.paid(&body).await;
    let payment = world.read(&id).await;
    text(
        &payment,
        "/unscheduledSubscription/unscheduledSubscriptionId",
    )
    .to_owned()
}

fn order(reference: &str, amount: i64) -> Value {
    let mut body = embedded(reference, amount);
    body.as_object_mut().unwrap().remove("checkout");
    body
}

#[tokio::test]
async fn a_registration_gives_an_id_and_takes_nothing() {
    let world = world();
    let mut body = embedded("ref-1", 0);
    body["unscheduledSubscription"] = json!({ "create": true });
    let id = world.open(&body).await;
    assert_eq!(world.read(&id).await.get("unscheduledSubscription"), None);
    world.payer("ref-1", "approve").await;
    let payment = world.read(&id).await;
    assert_eq!(payment["summary"], json!({}));
    assert_eq!(payment["paymentDetails"]["paymentType"], "CARD");
    let card = text(
        &payment,
        "/unscheduledSubscription/unscheduledSubscriptionId",
    );
    let (status, shown) = world
        .get(&format!("/v1/unscheduledsubscriptions/{card}"))
        .await;
    assert_eq!(status, 200);
    assert_eq!(
        shown["paymentDetails"]["cardDetails"]["maskedPan"],
        "492500******0004"
    );
    assert_eq!(world.get(&format!("/v1/subscriptions/{card}")).await.0, 404);
}

#[tokio::test]
async fn a_charge_is_a_new_payment_and_its_key_tells_what_became_of_it() {
    let world = world();
    let card = stored(&world, "ref-1", 100).await;
    let path = format!("/v1/unscheduledsubscriptions/{card}/charges");
    let status = format!("{path}/status");
    let ask = async |key| world.call_with(Method::GET, &status, key, None).await;
    assert_eq!(ask(None).await.0, 400);
    assert_eq!(ask(Some("key-1")).await.0, 404);
    let post = async |body: &Value| {
        world
            .call_with(Method::POST, &path, Some("key-1"), Some(body))
            .await
    };
    let (code, charged) = post(&order("ref-2", 9_900)).await;
    assert_eq!(code, 200, "{charged:#}");
    assert_eq!(post(&order("ref-2", 9_900)).await, (200, charged.clone()));
    let (code, other) = post(&order("ref-2", 9_901)).await;
    assert_eq!((code, wrong_fields(&other)), (400, vec!["order.amount"]));
    let mut expected = charged.clone();
    expected["completed"] = json!(true);
    assert_eq!(ask(Some("key-1")).await, (200, expected));
    let payment = world.read(text(&charged, "/paymentId")).await;
    let sums = json!({ "reservedAmount": 9_900, "chargedAmount": 9_900 });
    assert_eq!(payment["summary"], sums);
    assert_eq!(payment["charges"][0]["chargeId"], charged["chargeId"]);
}

#[tokio::test]
async fn the_magic_amounts_are_declined_with_and_without_a_body() {
    let world = world();
    let card = stored(&world, "ref-1", 0).await;
    let path = format!("/v1/unscheduledsubscriptions/{card}/charges");
    let soft = world.post(&path, &order("ref-2", DECLINED_AMOUNT)).await;
    assert_eq!(soft, (402, Value::Null));
    let (status, hard) = world
        .post(&path, &order("ref-3", HARD_DECLINED_AMOUNT))
        .await;
    assert_eq!((status, text(&hard, "/code")), (402, "1029"));
}

#[tokio::test]
async fn a_subscription_keeps_its_interval_and_ends() {
    let world = world();
    let mut body = embedded("ref-1", 100);
    let end = chrono::Utc::now() + chrono::TimeDelta::days(100);
    body["subscription"] = json!({ "endDate": end.to_rfc3339(), "interval": 30 });
    let id = world.paid(&body).await;
    let subscription = world.read(&id).await;
    let subscription = text(&subscription, "/subscription/id").to_owned();
    let shown = world
        .get(&format!("/v1/subscriptions/{subscription}"))
        .await
        .1;
    assert_eq!(shown["interval"], 30);
    let path = format!("/v1/subscriptions/{subscription}/charges");
    let (early, answer) = world.post(&path, &order("ref-2", 100)).await;
    assert_eq!(
        (early, wrong_fields(&answer)),
        (400, vec!["subscriptionId"])
    );
    world.move_clock(31 * 24 * 3_600).await;
    assert_eq!(world.post(&path, &order("ref-3", 100)).await.0, 200);
    world.move_clock(101 * 24 * 3_600).await;
    let (late, answer) = world.post(&path, &order("ref-4", 100)).await;
    assert_eq!((late, text(&answer, "/code")), (400, "1030"));
}

#[tokio::test]
async fn a_stored_card_can_be_replaced_and_keeps_its_id() {
    let world = world();
    let card = stored(&world, "ref-1", 100).await;
    let mut body = hosted("ref-2", 0);
    body["unscheduledSubscription"] = json!({ "unscheduledSubscriptionId": card });
    world.paid_with(&body, "5413000000000000").await;
    let path = format!("/v1/unscheduledsubscriptions/{card}");
    let shown = world.get(&path).await.1;
    assert_eq!(shown["paymentDetails"]["paymentMethod"], "MasterCard");
    body["unscheduledSubscription"]["unscheduledSubscriptionId"] = json!("0".repeat(32));
    assert_eq!(world.post("/v1/payments", &body).await.0, 400);
}
