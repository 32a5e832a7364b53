//! What the sandbox refuses, and that it says which field was wrong.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{amount, draft, payment, read, reasons, world};

/// Changes a body at a pointer: to a value, or away with nothing.
fn changed(mut body: Value, path: &[&str], value: Option<Value>) -> Value {
    let (last, before) = path.split_last().unwrap();
    let parent = before.iter().fold(&mut body, |at, key| &mut at[*key]);
    match value {
        Some(value) => parent[*last] = value,
        None => {
            parent.as_object_mut().unwrap().remove(*last);
        }
    }
    body
}

#[tokio::test]
async fn a_payment_with_a_bad_field_is_refused_and_the_field_is_named() {
    let world = world().await;
    world
        .control(Method::PUT, "/_rules", &json!({ "rateLimits": false }))
        .await;
    let cases: [(&[&str], Option<Value>, &str); 17] = [
        (&["reference"], Some(json!("short")), "reference"),
        (&["reference"], Some(json!("has_underscore")), "reference"),
        (&["reference"], Some(json!("r".repeat(65))), "reference"),
        (&["reference"], None, "reference"),
        (&["amount", "value"], Some(json!(99)), "amount.value"),
        (&["amount", "value"], Some(json!(100.5)), "amount.value"),
        (&["amount", "value"], Some(json!("100")), "amount.value"),
        (
            &["amount", "value"],
            Some(json!(65_000_001)),
            "amount.value",
        ),
        (&["amount"], None, "amount"),
        (
            &["amount", "currency"],
            Some(json!("SEK")),
            "amount.currency",
        ),
        (
            &["paymentMethod", "type"],
            Some(json!("wallet")),
            "paymentMethod.type",
        ),
        (&["userFlow"], Some(json!("web")), "userFlow"),
        (
            &["paymentDescription"],
            Some(json!("ab")),
            "paymentDescription",
        ),
        (
            &["paymentDescription"],
            Some(json!(null)),
            "paymentDescription",
        ),
        (&["colour"], Some(json!("red")), "colour"),
        (&["amount", "vat"], Some(json!(1)), "amount.vat"),
        (&["customer"], Some(json!(null)), "customer"),
    ];
    for (path, value, name) in cases {
        let body = changed(payment("order-0001"), path, value);
        let (status, problem) = world.create(&body).await;
        assert_eq!(status, 400, "{body:#}");
        assert!(reasons(&problem).contains(&name), "{problem:#}");
    }
}

#[tokio::test]
async fn what_the_sales_unit_may_not_do_is_refused_with_its_code() {
    let world = world().await;
    let cases: [(&[&str], Option<Value>, &str); 10] = [
        (&["amount", "currency"], Some(json!("DKK")), "5040"),
        (
            &["customer", "phoneNumber"],
            Some(json!("+4791234567")),
            "4070",
        ),
        (
            &["profile"],
            Some(json!({ "scope": "name colour" })),
            "4080",
        ),
        (&["profile"], Some(json!({ "scope": "nin" })), "5030"),
        (&["returnUrl"], Some(json!("http://shop.example/x")), "4090"),
        (&["returnUrl"], None, "4140"),
        (
            &["paymentMethod", "type"],
            Some(json!("CARD_PASSTHROUGH")),
            "4160",
        ),
        (&["userFlow"], Some(json!("PUSH_MESSAGE")), "5080"),
        (
            &["metadata"],
            Some(json!({"1":"","2":"","3":"","4":"","5":"","6":""})),
            "4100",
        ),
        (&["expiresAt"], Some(json!("2030-01-01T00:00:00Z")), "5050"),
    ];
    for (number, (path, value, code)) in cases.into_iter().enumerate() {
        let body = changed(payment(&format!("order-{number:04}")), path, value);
        let (status, problem) = world.create(&body).await;
        assert_eq!(
            (status.as_u16(), reasons(&problem)),
            (400, vec![code]),
            "{body:#}"
        );
    }
}

#[tokio::test]
async fn a_reference_is_used_once() {
    let world = world().await;
    world.create(&payment("order-0001")).await;
    let (status, problem) = world.create(&payment("order-0001")).await;
    assert_eq!((status.as_u16(), reasons(&problem)), (409, vec!["4150"]));
}

#[tokio::test]
async fn a_key_is_needed_and_has_its_limits() {
    let world = world().await;
    let send = async |path: &str, body: &Value, key: Option<&str>| {
        let mut request = world.request(Method::POST, path).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        read(request.send().await.unwrap()).await
    };
    let payments = "/epayment/v1/payments";
    for key in [None, Some(""), Some("a b"), Some("k".repeat(51).as_str())] {
        let (status, problem) = send(payments, &payment("order-0001"), key).await;
        assert_eq!(
            (status.as_u16(), reasons(&problem)),
            (400, vec!["Idempotency-Key"])
        );
    }
    let agreements = "/recurring/v3/agreements";
    for key in [
        None,
        Some("a/b"),
        Some("a#b"),
        Some("k".repeat(41).as_str()),
    ] {
        let (status, problem) = send(agreements, &draft("order-0001"), key).await;
        let kind = problem["type"].as_str().unwrap();
        assert_eq!(status, 400);
        assert!(kind.ends_with("#idempotency-key-header"), "{kind}");
    }
}

#[tokio::test]
async fn the_same_request_under_the_same_key_is_answered_the_same_and_another_is_a_conflict() {
    let world = world().await;
    world.authorized("order-0001").await;
    let path = "/epayment/v1/payments/order-0001/capture";
    let first = world
        .call_with_key(Method::POST, path, Some(&amount(500)), "key")
        .await;
    let again = world
        .call_with_key(Method::POST, path, Some(&amount(500)), "key")
        .await;
    assert_eq!(first, again);
    let now = world.payment("order-0001").await;
    assert_eq!(
        now["aggregate"]["capturedAmount"]["value"], 500,
        "captured once"
    );
    let (status, problem) = world
        .call_with_key(Method::POST, path, Some(&amount(501)), "key")
        .await;
    assert_eq!((status.as_u16(), reasons(&problem)), (409, vec!["4010"]));
}

#[tokio::test]
async fn a_refusal_is_remembered_under_its_key() {
    let world = world().await;
    world.create(&payment("order-0001")).await;
    let path = "/epayment/v1/payments/order-0001/capture";
    let body = amount(500);
    let early = world
        .call_with_key(Method::POST, path, Some(&body), "key")
        .await;
    world.payer("order-0001", "approve").await;
    let later = world
        .call_with_key(Method::POST, path, Some(&body), "key")
        .await;
    assert_eq!(reasons(&later.1), ["6080"]);
    assert_eq!(early, later);
    assert_eq!(world.post(path, &body).await.0, 200, "with a new key");
}

#[tokio::test]
async fn the_sixth_capture_in_a_minute_waits_unless_limits_are_off() {
    let world = world().await;
    world.authorized("order-0001").await;
    let path = "/epayment/v1/payments/order-0001/capture";
    for _ in 0..5 {
        assert_eq!(world.post(path, &amount(100)).await.0, 200);
    }
    assert_eq!(world.post(path, &amount(100)).await.0, 429);
    world
        .control(Method::PUT, "/_rules", &json!({ "rateLimits": false }))
        .await;
    assert_eq!(world.post(path, &amount(100)).await.0, 200);
}

#[tokio::test]
async fn a_draft_with_a_bad_field_is_refused_and_the_field_is_named() {
    let world = world().await;
    let cases: [(&[&str], Option<Value>, &str); 11] = [
        (&["pricing", "amount"], Some(json!(99)), "pricing.amount"),
        (&["pricing", "amount"], None, "pricing.amount"),
        (
            &["pricing", "currency"],
            Some(json!("EUR")),
            "pricing.currency",
        ),
        (
            &["pricing", "suggestedMaxAmount"],
            Some(json!(500)),
            "pricing.suggestedMaxAmount",
        ),
        (&["interval", "count"], Some(json!(32)), "interval.count"),
        (&["merchantAgreementUrl"], None, "merchantAgreementUrl"),
        (
            &["merchantRedirectUrl"],
            Some(json!("http://shop.example")),
            "merchantRedirectUrl",
        ),
        (&["productName"], Some(json!("n".repeat(46))), "productName"),
        (
            &["initialCharge", "transactionType"],
            None,
            "initialCharge.transactionType",
        ),
        (
            &["initialCharge", "orderId"],
            Some(json!("a_b")),
            "initialCharge.orderId",
        ),
        (&["countryCode"], Some(json!("NO")), "countryCode"),
    ];
    for (path, value, name) in cases {
        let body = changed(draft("order-0001"), path, value);
        let (status, problem) = world.post("/recurring/v3/agreements", &body).await;
        assert_eq!(status, 400, "{body:#}");
        assert!(reasons(&problem).contains(&name), "{problem:#}");
    }
}
