//! The seamless view: its script, its frame, and what the frame tells.

use serde_json::{Value, json};

use super::world::{World, href, pointer, purchase, world};

fn seamless() -> Value {
    let mut order = purchase("A1");
    let urls = order["urls"].as_object_mut().unwrap();
    urls.remove("cancelUrl");
    urls.insert(
        "paymentUrl".to_owned(),
        json!("https://shop.example/pay?order=7"),
    );
    order
}

async fn frame(world: &World, order: &Value) -> String {
    let script = href(order, "view-checkout");
    let text = world
        .http
        .get(&script)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        !text.contains("\"SETTINGS\"") && text.contains("\"hosts\":[\"https://shop.example\"]")
    );
    let start = text.find("\"frameUrl\":\"").unwrap() + 12;
    let end = text[start..].find('"').unwrap() + start;
    format!("{}?parent=https%3A%2F%2Fshop.example", &text[start..end])
}

/// The events that a page of the frame hands on.
fn events(html: &str) -> Vec<Value> {
    let start = html.find("data-events=\"").unwrap() + 13;
    let end = html[start..].find('"').unwrap() + start;
    let text = html[start..end]
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#38;", "&");
    serde_json::from_str(&text).unwrap()
}

fn names(html: &str) -> Vec<String> {
    events(html)
        .iter()
        .map(|event| event["event"].as_str().unwrap().to_owned())
        .collect()
}

async fn pay(world: &World, frame: &str, number: &str) -> String {
    let request = world.http.post(frame);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let form = format!("number={number}&expiry=12%2F33&cvc=123");
    request
        .body(form)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

#[tokio::test]
async fn only_the_orders_hosts_may_show_the_frame() {
    let world = world().await;
    let order = world.open(&seamless()).await;
    let frame = frame(&world, &order).await;
    let answer = world.http.get(&frame).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.contains("frame-ancestors https://shop.example"),
        "{policy}"
    );
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
    assert_eq!(
        pointer(&world.read(&order).await, "/paymentOrder/integration"),
        "HostedView"
    );
    for parent in [
        "https://evil.example",
        "https://shop.example.evil.example",
        "",
        "null",
    ] {
        let other = frame.replace("https%3A%2F%2Fshop.example", parent);
        assert_eq!(
            world.http.get(&other).send().await.unwrap().status(),
            403,
            "{parent}"
        );
    }
}

#[tokio::test]
async fn a_direct_payment_tells_the_page_that_it_is_paid() {
    let world = world().await;
    let order = world.open(&seamless()).await;
    let frame = frame(&world, &order).await;
    let html = pay(&world, &frame, "4925000000000004").await;
    let told = events(&html);
    assert_eq!(names(&html), ["onPaymentAttemptStarted", "onPaid"]);
    assert_eq!(
        told[1]["redirectUrl"],
        "https://shop.example/complete?order=7"
    );
    // Opened again, it says so at once.
    let html = world
        .http
        .get(&frame)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(names(&html), ["onPaid"]);
}

#[tokio::test]
async fn three_d_secure_leaves_the_frame_and_comes_back_to_the_payment_page() {
    let world = world().await;
    let order = world.open(&seamless()).await;
    let frame = frame(&world, &order).await;
    let html = pay(&world, &frame, "4761739001010416").await;
    assert_eq!(
        names(&html),
        ["onPaymentAttemptStarted", "onOutOfViewRedirect"]
    );
    let bank = events(&html)[1]["redirectUrl"].as_str().unwrap().to_owned();
    for (answer, told) in [("cancel", "onPaymentAttemptAborted"), ("approve", "onPaid")] {
        let bank = if answer == "cancel" {
            bank.clone()
        } else {
            let html = pay(&world, &frame, "4761739001010416").await;
            events(&html)[1]["redirectUrl"].as_str().unwrap().to_owned()
        };
        let request = world.http.post(&bank);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let answered = request
            .body(format!("answer={answer}"))
            .send()
            .await
            .unwrap();
        assert_eq!(answered.status(), 303);
        assert_eq!(
            answered.headers()["location"],
            "https://shop.example/pay?order=7"
        );
        let html = world
            .http
            .get(&frame)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert_eq!(names(&html), [told]);
    }
}

#[tokio::test]
async fn an_abort_is_told_when_the_view_is_refreshed() {
    let world = world().await;
    let order = world.open(&seamless()).await;
    let frame = frame(&world, &order).await;
    let abort = json!({ "operation": "Abort", "abortReason": "CancelledByConsumer" });
    world.patch(&order, &abort).await;
    let html = world
        .http
        .get(&frame)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(names(&html), ["onAborted"]);
}

#[tokio::test]
async fn the_payers_cancel_inside_the_frame_ends_the_order() {
    let world = world().await;
    let order = world.open(&seamless()).await;
    let frame = frame(&world, &order).await;
    let html = world
        .http
        .post(frame.replace("/frame?", "/frame/cancel?"))
        .send()
        .await
        .unwrap();
    assert_eq!(names(&html.text().await.unwrap()), ["onAborted"]);
    assert_eq!(
        pointer(&world.read(&order).await, "/paymentOrder/status"),
        "Aborted"
    );
}

#[tokio::test]
async fn a_declined_attempt_is_told_and_can_be_tried_again() {
    let world = world().await;
    let mut order = seamless();
    order["amount"] = json!(900_343);
    let order = world.open(&order).await;
    let frame = frame(&world, &order).await;
    let html = pay(&world, &frame, "4925000000000004").await;
    assert_eq!(
        names(&html),
        ["onPaymentAttemptStarted", "onPaymentAttemptFailed"]
    );
    assert!(html.contains("The payment was declined") && html.contains("id=\"pay\""));
}
