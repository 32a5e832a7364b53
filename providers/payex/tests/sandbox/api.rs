//! The life of an order, as the merchant sees it.

use reqwest::Method;
use serde_json::json;

use super::world::{href, pointer, purchase, rels, transaction, world};

#[tokio::test]
async fn a_new_order_is_open_and_looks_like_the_real_one() {
    let world = world().await;
    let body = json!({ "paymentorder": purchase("A1") });
    let answer = world
        .send(Method::POST, "/psp/paymentorders", Some(&body))
        .await;
    assert_eq!(answer.status(), 201);
    let content_type = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(content_type, "application/json; charset=utf-8; version=3.1");
    let body: serde_json::Value = answer.json().await.unwrap();
    let order = pointer(&body, "/paymentOrder");
    let id = order["id"].as_str().unwrap();
    assert!(id.starts_with("/psp/paymentorders/"));
    assert_eq!(order["status"], "Initialized");
    assert_eq!(order["integration"], "");
    assert_eq!(order["amount"], 1500);
    assert_eq!(order["guestMode"], true);
    assert_eq!(order["initiatingSystemUserAgent"], "shop/1.0");
    assert_eq!(order["paid"], json!({ "id": format!("{id}/paid") }));
    assert!(order.get("remainingCaptureAmount").is_none());
    assert_eq!(
        rels(&body),
        [
            "abort",
            "abort-paymentattempt",
            "redirect-checkout",
            "update-order",
            "view-checkout"
        ]
    );
    assert!(href(&body, "redirect-checkout").starts_with(&format!("{}/checkout/", world.base)));
    assert!(href(&body, "view-checkout").contains("culture=nb-NO"));
}

#[tokio::test]
async fn both_spellings_of_the_root_are_taken() {
    let world = world().await;
    let body = json!({ "paymentOrder": purchase("A1") });
    let (status, _) = world
        .call(Method::POST, "/psp/paymentorders", Some(&body))
        .await;
    assert_eq!(status, 201);
}

const LIST: &str = "/paymentOrder/financialTransactions/financialTransactionsList";

#[tokio::test]
async fn a_paid_order_shows_its_card_masked_and_what_is_left() {
    let world = world().await;
    let paid = world.paid(&purchase("A1")).await;
    assert_eq!(pointer(&paid, "/paymentOrder/status"), "Paid");
    assert_eq!(pointer(&paid, "/paymentOrder/remainingCaptureAmount"), 1500);
    assert_eq!(
        pointer(&paid, "/paymentOrder/remainingCancellationAmount"),
        1500
    );
    assert!(
        paid.pointer("/paymentOrder/remainingReversalAmount")
            .is_none()
    );
    let details = pointer(&paid, "/paymentOrder/paid");
    assert_eq!(details["transactionType"], "Authorization");
    assert_eq!(details["orderReference"], "order-A1");
    assert_eq!(details["details"]["maskedPan"], "476173******0416");
    // The authorisation is not in the list.
    assert_eq!(pointer(&paid, LIST), &json!([]));
    assert_eq!(
        rels(&paid),
        ["cancel", "capture", "redirect-checkout", "view-checkout"]
    );
}

#[tokio::test]
async fn a_paid_order_is_captured_in_parts_and_given_back_in_parts() {
    let world = world().await;
    let paid = world.paid(&purchase("A1")).await;
    let (status, part) = world.post(&paid, "capture", &transaction("C1", 500)).await;
    assert_eq!(status, 200);
    assert_eq!(pointer(&part, "/paymentOrder/remainingCaptureAmount"), 1000);
    assert_eq!(pointer(&part, "/paymentOrder/remainingReversalAmount"), 500);
    let open = [
        "cancel",
        "capture",
        "redirect-checkout",
        "reversal",
        "view-checkout",
    ];
    assert_eq!(rels(&part), open);
    let (_, all) = world.post(&part, "capture", &transaction("C2", 1000)).await;
    assert!(
        all.pointer("/paymentOrder/remainingCaptureAmount")
            .is_none()
    );
    assert_eq!(
        rels(&all),
        ["redirect-checkout", "reversal", "view-checkout"]
    );

    let (_, back) = world.post(&all, "reversal", &transaction("R1", 400)).await;
    assert_eq!(pointer(&back, "/paymentOrder/status"), "Paid");
    assert_eq!(
        pointer(&back, "/paymentOrder/remainingReversalAmount"),
        1100
    );
    let (_, gone) = world
        .post(&back, "reversal", &transaction("R2", 1100))
        .await;
    assert_eq!(pointer(&gone, "/paymentOrder/status"), "Reversed");
    assert!(rels(&gone).is_empty());

    let now = world.read(&gone).await;
    let made = pointer(&now, LIST).as_array().unwrap();
    let kinds: Vec<_> = made
        .iter()
        .map(|made| {
            (
                made["type"].as_str().unwrap(),
                made["amount"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("Capture", 500),
            ("Capture", 1000),
            ("Reversal", 400),
            ("Reversal", 1100)
        ]
    );
    let numbers: Vec<i64> = made
        .iter()
        .map(|made| made["number"].as_i64().unwrap())
        .collect();
    assert!(numbers.is_sorted() && numbers.iter().all(|number| number.to_string().len() == 11));
}

#[tokio::test]
async fn a_cancellation_releases_what_is_not_captured() {
    let world = world().await;
    let body = json!({ "transaction": { "description": "Not wanted", "payeeReference": "X1" } });
    let paid = world.paid(&purchase("A1")).await;
    let (status, gone) = world.post(&paid, "cancel", &body).await;
    assert_eq!(
        (status.as_u16(), pointer(&gone, "/paymentOrder/status")),
        (200, &json!("Cancelled"))
    );
    assert!(rels(&gone).is_empty());
    let gone = world.read(&gone).await;
    assert_eq!(
        pointer(&gone, "/paymentOrder/cancelled/cancelReason"),
        "Not wanted"
    );

    let paid = world.paid(&purchase("A2")).await;
    let (_, part) = world.post(&paid, "capture", &transaction("C1", 500)).await;
    let body = json!({ "transaction": { "description": "The rest", "payeeReference": "X2" } });
    let (_, rest) = world.post(&part, "cancel", &body).await;
    assert_eq!(pointer(&rest, "/paymentOrder/status"), "Paid");
    assert_eq!(
        rels(&rest),
        ["redirect-checkout", "reversal", "view-checkout"]
    );
    let (_, back) = world.post(&rest, "reversal", &transaction("R1", 500)).await;
    assert_eq!(pointer(&back, "/paymentOrder/status"), "Reversed");
}

#[tokio::test]
async fn an_open_order_is_aborted_once_and_then_cannot_be_paid() {
    let world = world().await;
    let order = world.open(&purchase("A1")).await;
    let abort = json!({ "operation": "Abort", "abortReason": "CancelledByConsumer" });
    let (status, gone) = world.patch(&order, &abort).await;
    assert_eq!(
        (status.as_u16(), pointer(&gone, "/paymentOrder/status")),
        (200, &json!("Aborted"))
    );
    assert_eq!(rels(&gone), ["redirect-checkout", "view-checkout"]);
    let (status, problem) = world.patch(&order, &abort).await;
    assert_eq!(status, 403, "{problem:#}");
    let (status, _) = world.payer("order-A1", "approve").await;
    assert_eq!(status, 409);
    let gone = world.read(&order).await;
    assert_eq!(
        pointer(&gone, "/paymentOrder/aborted/abortReason"),
        "CancelledByConsumer"
    );
}

#[tokio::test]
async fn a_paid_order_cannot_be_aborted() {
    let world = world().await;
    let paid = world.paid(&purchase("A1")).await;
    let abort = json!({ "operation": "Abort", "abortReason": "CancelledByConsumer" });
    let (status, _) = world.patch(&paid, &abort).await;
    assert_eq!(status, 403);
    assert_eq!(
        pointer(&world.read(&paid).await, "/paymentOrder/status"),
        "Paid"
    );
}

#[tokio::test]
async fn an_update_changes_the_amount_that_is_paid() {
    let world = world().await;
    let order = world.open(&purchase("A1")).await;
    let change = json!({ "operation": "UpdateOrder", "amount": 2000, "vatAmount": 400 });
    let (status, changed) = world.patch(&order, &change).await;
    assert_eq!(
        (status.as_u16(), pointer(&changed, "/paymentOrder/amount")),
        (200, &json!(2000))
    );
    world.payer("order-A1", "approve").await;
    let paid = world.read(&order).await;
    assert_eq!(pointer(&paid, "/paymentOrder/paid/amount"), 2000);
}

#[tokio::test]
async fn a_declined_attempt_leaves_the_order_open_for_another() {
    let world = world().await;
    let order = world.open(&purchase("A1")).await;
    let (status, _) = world.payer("order-A1", "decline").await;
    assert_eq!(status, 200);
    let open = world.read(&order).await;
    assert_eq!(pointer(&open, "/paymentOrder/status"), "Initialized");
    let failed = pointer(&open, "/paymentOrder/failedAttempts/failedAttemptList/0");
    assert_eq!(failed["status"], "Failed");
    assert!(
        failed["problem"]["type"]
            .as_str()
            .unwrap()
            .ends_with("creditcard/carddeclined")
    );
    world.payer("order-A1", "approve").await;
    let paid = world.read(&order).await;
    assert_eq!(pointer(&paid, "/paymentOrder/status"), "Paid");
}

#[tokio::test]
async fn magic_amounts_are_declined_with_their_code() {
    let world = world().await;
    for (amount, kind, code) in [
        (
            900_361,
            "acquirerinsufficientfunds",
            "INSUFFICIENT_FUNDS-insufficient funds, response-code: 61",
        ),
        (
            900_343,
            "acquirercardstolen",
            "CARD_STOLEN-card stolen, response-code: 43",
        ),
        (
            900_391,
            "acquirergatewayerror",
            "ACQUIRER_HOST_OFFLINE-acquirer host offline, response-code: 91",
        ),
    ] {
        let mut order = purchase(&format!("A{amount}"));
        order["amount"] = json!(amount);
        let body = world.open(&order).await;
        world.payer(&format!("order-A{amount}"), "approve").await;
        let now = world.read(&body).await;
        assert_eq!(pointer(&now, "/paymentOrder/status"), "Initialized");
        let problem = pointer(
            &now,
            "/paymentOrder/failedAttempts/failedAttemptList/0/problem",
        );
        assert!(problem["type"].as_str().unwrap().ends_with(kind));
        assert!(
            problem["problems"][0]["description"]
                .as_str()
                .unwrap()
                .ends_with(code)
        );
    }
}

#[tokio::test]
async fn sub_resources_have_their_own_address() {
    let world = world().await;
    let paid = world.paid(&purchase("A1")).await;
    let id = pointer(&paid, "/paymentOrder/id").as_str().unwrap();
    for (part, key) in [
        ("paid", "/paid/number"),
        ("urls", "/urls/completeUrl"),
        ("payeeinfo", "/payeeInfo/payeeReference"),
        ("history", "/history/historyList/0/name"),
        ("failedattempts", "/failedAttempts/failedAttemptList"),
        (
            "financialtransactions",
            "/financialTransactions/financialTransactionsList",
        ),
    ] {
        let (status, body) = world.call(Method::GET, &format!("{id}/{part}"), None).await;
        assert_eq!((status.as_u16(), &body["paymentOrder"]), (200, &json!(id)));
        pointer(&body, key);
    }
    let (status, _) = world
        .call(Method::GET, &format!("{id}/nothing"), None)
        .await;
    assert_eq!(status, 404);
}
