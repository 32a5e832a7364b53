//! Charges, cancels, refunds and terminations of one payment.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::*;

fn part(amount: i64) -> Value {
    json!({ "amount": amount, "orderItems": [item(amount)] })
}

async fn charged(world: &World, id: &str, amount: i64) -> String {
    let path = format!("/v1/payments/{id}/charges");
    let (status, answer) = world.post(&path, &part(amount)).await;
    assert_eq!(status, 201, "{answer:#}");
    text(&answer, "/chargeId").to_owned()
}

#[tokio::test]
async fn a_payment_is_charged_in_parts_until_nothing_is_left() {
    let world = world();
    let id = world.paid(&embedded("ref-1", 1_000)).await;
    let reserved = world.read(&id).await;
    assert_eq!(reserved["summary"], json!({ "reservedAmount": 1_000 }));
    let card = json!({ "maskedPan": "492500******0004", "expiryDate": "1233" });
    assert_eq!(reserved["paymentDetails"]["cardDetails"], card);

    let first = charged(&world, &id, 400).await;
    let path = format!("/v1/payments/{id}/charges");
    for (body, code) in [
        (part(601), "1001"),
        (json!({ "amount": 0 }), "1002"),
        (json!({ "amount": 100 }), "1015"),
    ] {
        let (status, answer) = world.post(&path, &body).await;
        assert_eq!((status, text(&answer, "/code")), (402, code));
    }
    let wrong_sum = json!({ "amount": 100, "orderItems": [item(99)] });
    assert_eq!(world.post(&path, &wrong_sum).await.0, 400);
    charged(&world, &id, 600).await;
    let payment = world.read(&id).await;
    let all = json!({ "reservedAmount": 1_000, "chargedAmount": 1_000 });
    assert_eq!(payment["summary"], all);
    assert_eq!(payment["charges"][0]["orderItems"], json!([item(400)]));
    let (_, charge) = world.get(&format!("/v1/charges/{first}")).await;
    assert_eq!(charge["amount"], 400);
}

#[tokio::test]
async fn a_payment_that_nobody_paid_has_nothing_to_charge_or_release() {
    let world = world();
    let id = world.open(&embedded("ref-1", 1_000)).await;
    let whole = json!({ "amount": 1_000 });
    let charge = world
        .post(&format!("/v1/payments/{id}/charges"), &whole)
        .await;
    assert_eq!((charge.0, text(&charge.1, "/code")), (402, "1003"));
    let cancel = world
        .post(&format!("/v1/payments/{id}/cancels"), &whole)
        .await;
    assert_eq!(cancel, (405, Value::Null));
    let refund = world
        .post(&format!("/v1/payments/{id}/refunds"), &whole)
        .await;
    assert_eq!(refund.0, 404);
}

#[tokio::test]
async fn a_key_gets_its_first_answer_again_and_refuses_another_amount() {
    let world = world();
    let id = world.paid(&embedded("ref-1", 1_000)).await;
    let path = format!("/v1/payments/{id}/charges");
    let post = async |path: &str, key: &str, body: &Value| {
        world
            .call_with(Method::POST, path, Some(key), Some(body))
            .await
    };
    let first = post(&path, "key-1", &part(400)).await;
    assert_eq!(post(&path, "key-1", &part(400)).await, first);
    let (status, other) = post(&path, "key-1", &part(300)).await;
    assert_eq!((status, text(&other, "/code")), (402, "1026"));
    assert_eq!(world.read(&id).await["summary"]["chargedAmount"], 400);

    let path = format!("/v1/charges/{}/refunds", text(&first.1, "/chargeId"));
    let first = post(&path, "key-1", &part(100)).await;
    assert_eq!(first.0, 201);
    assert_eq!(post(&path, "key-1", &part(100)).await, first);
    let (status, other) = post(&path, "key-1", &part(99)).await;
    assert_eq!((status, wrong_fields(&other)), (400, vec!["amount"]));
    assert_eq!(world.read(&id).await["summary"]["refundedAmount"], 100);

    let long = "k".repeat(65);
    assert_eq!(post(&path, &long, &part(1)).await.0, 400);
}

#[tokio::test]
async fn the_rest_of_a_reservation_is_released() {
    let world = world();
    let id = world.paid(&embedded("ref-1", 1_000)).await;
    charged(&world, &id, 400).await;
    let path = format!("/v1/payments/{id}/cancels");
    assert_eq!(world.post(&path, &part(601)).await.0, 400);
    assert_eq!(world.post(&path, &json!({ "amount": 600 })).await.0, 400);
    assert_eq!(world.post(&path, &part(600)).await, (204, Value::Null));
    assert_eq!(world.post(&path, &part(600)).await.0, 405);
    let sums = json!({ "reservedAmount": 1_000, "chargedAmount": 400, "cancelledAmount": 600 });
    assert_eq!(world.read(&id).await["summary"], sums);
}

#[tokio::test]
async fn a_final_charge_releases_the_rest() {
    let world = world();
    let id = world.paid(&embedded("ref-1", 1_000)).await;
    let mut body = part(400);
    body["finalCharge"] = json!(true);
    world
        .post(&format!("/v1/payments/{id}/charges"), &body)
        .await;
    assert_eq!(world.read(&id).await["summary"]["cancelledAmount"], 600);
}

#[tokio::test]
async fn a_refund_takes_from_its_charge_only_and_shows_its_lines() {
    let world = world();
    let id = world.paid(&embedded("ref-1", 1_000)).await;
    let charge = charged(&world, &id, 400).await;
    charged(&world, &id, 600).await;
    let path = format!("/v1/charges/{charge}/refunds");
    assert_eq!(world.post(&path, &part(401)).await.0, 400);
    assert_eq!(world.post(&path, &json!({ "amount": 100 })).await.0, 400);
    let (status, answer) = world.post(&path, &json!({ "amount": 400 })).await;
    assert_eq!(status, 201);
    assert_eq!(world.post(&path, &part(1)).await.0, 400);
    let refund = text(&answer, "/refundId");
    assert_eq!(
        world.get(&format!("/v1/refunds/{refund}")).await.1["amount"],
        400
    );
    let whole = world
        .post(&format!("/v1/payments/{id}/refunds"), &part(600))
        .await;
    assert_eq!(whole.0, 201);
    let payment = world.read(&id).await;
    assert_eq!(payment["summary"]["refundedAmount"], 1_000);
    assert_eq!(payment["refunds"][1]["state"], "Completed");
    assert_eq!(payment["refunds"][1]["orderItems"], json!([item(600)]));
}

#[tokio::test]
async fn a_refund_of_the_magic_amount_is_pending_for_a_minute() {
    let world = world();
    let mut body = embedded("ref-1", PENDING_REFUND * 2);
    body["notifications"] = world.hooks(&["payment.refund.completed"]);
    let id = world.paid(&body).await;
    let charge = charged(&world, &id, PENDING_REFUND * 2).await;
    let path = format!("/v1/charges/{charge}/refunds");
    let (_, given_up) = world.post(&path, &part(PENDING_REFUND)).await;
    let (_, kept) = world.post(&path, &part(PENDING_REFUND)).await;
    let cancel = |refund: &Value| {
        let refund = text(refund, "/refundId");
        format!("/v1/pending-refunds/{refund}/cancel")
    };
    assert_eq!(world.post(&cancel(&given_up), &json!({})).await.0, 204);
    let payment = world.read(&id).await;
    assert_eq!(payment["refunds"][0]["state"], "Cancelled");
    assert_eq!(payment["refunds"][1]["state"], "Pending");
    assert_eq!(payment["summary"].get("refundedAmount"), None);
    world.move_clock(61).await;
    assert_eq!(
        world.arrived(1).await[0]["data"]["refundId"],
        kept["refundId"]
    );
    let payment = world.read(&id).await;
    assert_eq!(payment["refunds"][1]["state"], "Completed");
    assert_eq!(payment["summary"]["refundedAmount"], PENDING_REFUND);
    assert_eq!(world.post(&cancel(&kept), &json!({})).await.0, 405);
}

#[tokio::test]
async fn the_cards_whose_later_charge_or_refund_fails_do_so() {
    let world = world();
    let mut body = hosted("ref-1", 1_000);
    let failing = world.paid_with(&body, CHARGE_FAILS).await;
    let path = format!("/v1/payments/{failing}/charges");
    let (status, answer) = world.post(&path, &json!({ "amount": 1_000 })).await;
    assert_eq!((status, text(&answer, "/code")), (402, "1020"));

    body["checkout"]["charge"] = json!(true);
    let at_once = world.paid_with(&body, CHARGE_FAILS).await;
    assert_eq!(
        world.read(&at_once).await["summary"]["chargedAmount"],
        1_000
    );

    let refunded = world.paid_with(&body, REFUND_FAILS).await;
    let path = format!("/v1/payments/{refunded}/refunds");
    assert_eq!(world.post(&path, &json!({ "amount": 1_000 })).await.0, 201);
    let payment = world.read(&refunded).await;
    assert_eq!(payment["refunds"][0]["state"], "Failed");
    assert_eq!(payment["summary"].get("refundedAmount"), None);
}

#[tokio::test]
async fn only_an_open_payment_can_be_terminated() {
    let world = world();
    let id = world.open(&embedded("ref-1", 100)).await;
    let path = format!("/v1/payments/{id}/terminate");
    assert_eq!(world.put(&path, None).await, (204, Value::Null));
    assert!(world.read(&id).await["terminated"].is_string());
    assert_eq!(world.put(&path, None).await.0, 405);
    assert_eq!(world.payer("ref-1", "approve").await.0, 409);
    let paid = world.paid(&embedded("ref-2", 100)).await;
    let path = format!("/v1/payments/{paid}/terminate");
    assert_eq!(world.put(&path, None).await, (409, Value::Null));
}
