//! What the provider refuses, the sandbox refuses too.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{
    OTHER_PAYEE, OTHER_TOKEN, TOKEN, World, pointer, purchase, rels, transaction, world,
    wrong_fields,
};

async fn raw(world: &World, token: Option<&str>, headers: &[(&str, &str)]) -> (StatusCode, Value) {
    let mut request = world
        .http
        .post(world.url("/psp/paymentorders"))
        .body(json!({ "paymentorder": purchase("A1") }).to_string());
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_missing_or_wrong_token_is_unauthorized() {
    let world = world().await;
    let version = [("Content-Type", "application/json;version=3.1")];
    for token in [None, Some("nobody"), Some("")] {
        let (status, problem) = raw(&world, token, &version).await;
        assert_eq!(status, 401);
        assert_eq!(problem["status"], 401);
    }
    // The refused call is recorded, because its body says which payment it was for.
    assert_eq!(world.calls("order-A1").await.len(), 3);
}

#[tokio::test]
async fn a_call_without_the_version_is_refused_loudly() {
    let world = world().await;
    for content_type in [
        "application/json",
        "application/json;version=3.0",
        "text/plain",
    ] {
        let headers = [
            ("Content-Type", content_type),
            ("Accept", "application/json;version=3.1"),
        ];
        let (status, problem) = raw(&world, Some(TOKEN), &headers).await;
        assert_eq!(status, 400, "{content_type}");
        assert!(problem.to_string().contains("version=3.1"), "{problem:#}");
    }
    let order = world.open(&purchase("A1")).await;
    let id = pointer(&order, "/paymentOrder/id").as_str().unwrap();
    let request = world.http.get(world.url(id)).bearer_auth(TOKEN);
    let answer = request
        .header("Accept", "application/json")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn another_accounts_payee_and_orders_are_out_of_reach() {
    let world = world().await;
    let mut order = purchase("A1");
    order["payeeInfo"]["payeeId"] = json!(OTHER_PAYEE);
    let (status, problem) = world.create(&order).await;
    assert_eq!(status, 403);
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with("configurationerror")
    );

    let mine = world.open(&purchase("A2")).await;
    let id = pointer(&mine, "/paymentOrder/id").as_str().unwrap();
    let request = world.http.get(world.url(id)).bearer_auth(OTHER_TOKEN);
    let answer = request
        .header("Accept", "application/json;version=3.1")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn every_broken_field_is_named_at_once() {
    let world = world().await;
    let order = json!({
        "operation": "Purchase",
        "currency": "XYZ",
        "amount": 0,
        "vatAmount": 5,
        "description": "x".repeat(41),
        "language": "nb-NO",
        "generateUnscheduledToken": true,
        "urls": {
            "hostUrls": [],
            "completeUrl": "/complete",
            "callbackUrl": "http://shop.example/callback",
        },
        "payeeInfo": { "payeeId": super::world::PAYEE, "payeeReference": "with-hyphens" },
        "payer": { "msisdn": "98765432" },
    });
    let (status, problem) = world.create(&order).await;
    assert_eq!(status, 400);
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with("paymentorders/inputerror")
    );
    let mut wrong = wrong_fields(&problem);
    wrong.sort_unstable();
    assert_eq!(
        wrong,
        [
            "PaymentOrder.Amount",
            "PaymentOrder.Currency",
            "PaymentOrder.Description",
            "PaymentOrder.Payer.Msisdn",
            "PaymentOrder.Payer.PayerReference",
            "PaymentOrder.PayeeInfo.PayeeReference",
            "PaymentOrder.Urls.CallbackUrl",
            "PaymentOrder.Urls.CancelUrl",
            "PaymentOrder.Urls.CompleteUrl",
            "PaymentOrder.Urls.HostUrls",
            "PaymentOrder.UserAgent",
            "PaymentOrder.VatAmount",
        ]
        .into_iter()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn bodies_that_make_no_sense_are_refused_and_never_crash() {
    let world = world().await;
    for body in [
        json!({}),
        json!({ "paymentorder": 7 }),
        json!({ "paymentorder": {} }),
        json!({ "paymentorder": { "operation": "Payout" } }),
        json!({ "paymentorder": { "operation": 1, "urls": [], "payeeInfo": "x", "payer": 2 } }),
        json!({ "paymentorder": { "operation": "Recur", "amount": 1.5, "recurrenceToken": "x" } }),
        json!({ "paymentorder": { "operation": "Purchase", "amount": "12", "vatAmount": null } }),
        json!({ "paymentorder": { "operation": "Purchase", "amount": i64::MAX, "metadata": [] } }),
    ] {
        let (status, problem) = world
            .call(Method::POST, "/psp/paymentorders", Some(&body))
            .await;
        assert_eq!(status, 400, "{body} {problem:#}");
        assert!(!wrong_fields(&problem).is_empty());
    }
}

#[tokio::test]
async fn a_payee_reference_is_used_once_and_never_replayed() {
    let world = world().await;
    let paid = world.paid(&purchase("A1")).await;
    let (status, problem) = world.create(&purchase("A1")).await;
    assert_eq!(status, 400);
    assert_eq!(
        wrong_fields(&problem),
        ["PaymentOrder.PayeeInfo.PayeeReference"]
    );
    let text = problem["problems"][0]["description"].as_str().unwrap();
    assert!(
        text.contains("has already been used for another payment"),
        "{text}"
    );

    // Captures and reversals draw from the same well.
    let (status, _) = world.post(&paid, "capture", &transaction("A1", 100)).await;
    assert_eq!(status, 400);
    let (status, _) = world.post(&paid, "capture", &transaction("C1", 100)).await;
    assert_eq!(status, 200);
    let (status, problem) = world.post(&paid, "capture", &transaction("C1", 100)).await;
    assert_eq!(
        (status.as_u16(), wrong_fields(&problem)),
        (400, vec!["PayeeReference"])
    );
    let now = world.read(&paid).await;
    assert_eq!(pointer(&now, "/paymentOrder/remainingCaptureAmount"), 1400);
}

#[tokio::test]
async fn more_than_was_authorised_cannot_be_captured_and_more_than_was_captured_not_given_back() {
    let world = world().await;
    let paid = world.paid(&purchase("A1")).await;
    let (status, problem) = world.post(&paid, "capture", &transaction("C1", 1501)).await;
    assert_eq!(status, 403);
    assert!(problem["type"].as_str().unwrap().ends_with("/forbidden"));
    assert_eq!(
        problem["problems"][0]["description"],
        "Capture amount too high."
    );
    // The failed capture did not use up its reference.
    let (status, part) = world.post(&paid, "capture", &transaction("C1", 1000)).await;
    assert_eq!(status, 200);
    let (status, _) = world
        .post(&part, "reversal", &transaction("R1", 1001))
        .await;
    assert_eq!(status, 403);
    let now = world.read(&paid).await;
    let failed = "/paymentOrder/postPurchaseFailedAttempts/postpurchaseFailedAttemptList";
    assert_eq!(pointer(&now, failed).as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn five_failed_captures_in_a_row_lock_the_order() {
    let world = world().await;
    let paid = world.paid(&purchase("A1")).await;
    let capture = super::world::href(&paid, "capture");
    for at in 0..5 {
        let body = transaction(&format!("C{at}"), 9999);
        let (status, _) = world.call(Method::POST, &capture, Some(&body)).await;
        assert_eq!(status, 403);
    }
    let (status, problem) = world
        .call(Method::POST, &capture, Some(&transaction("C9", 100)))
        .await;
    assert_eq!(status, 403);
    assert!(problem.to_string().contains("Locked"), "{problem:#}");
    assert!(!rels(&world.read(&paid).await).contains(&"capture"));
}

#[tokio::test]
async fn what_is_not_on_offer_is_refused() {
    let world = world().await;
    let order = world.open(&purchase("A1")).await;
    let id = pointer(&order, "/paymentOrder/id").as_str().unwrap();
    for (path, body) in [
        ("captures", transaction("C1", 100)),
        ("reversals", transaction("R1", 100)),
        (
            "cancellations",
            json!({ "transaction": { "description": "x", "payeeReference": "X1" } }),
        ),
    ] {
        let (status, _) = world
            .call(Method::POST, &format!("{id}/{path}"), Some(&body))
            .await;
        assert_eq!(status, 403, "{path}");
    }
    let unknown = "/psp/paymentorders/7e6cdfc3-1276-44e9-9992-7cf4419750e1";
    for path in [unknown, "/psp/paymentorders/nothing", "/psp/elsewhere"] {
        let (status, _) = world.call(Method::GET, path, None).await;
        assert_eq!(status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_long_item_description_fails_the_whole_order() {
    let world = world().await;
    let mut order = purchase("A1");
    order["orderItems"] = json!([{ "description": "x".repeat(41), "class": "News" }]);
    let (status, problem) = world.create(&order).await;
    assert_eq!(
        (status.as_u16(), wrong_fields(&problem)),
        (400, vec!["PaymentOrder.OrderItems"])
    );
}
