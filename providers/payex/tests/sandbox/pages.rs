//! The redirect flow, as a browser without scripts walks it.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::world::{World, href, pointer, purchase, world};

const DIRECT: &str = "4925 0000 0000 0004";
const SECURE: &str = "4761739001010416";

async fn pay(world: &World, page: &str, number: &str) -> Response {
    let form = format!("number={}&expiry=12%2F33&cvc=123", number.replace(' ', "+"));
    post(world, page, form).await
}

async fn post(world: &World, page: &str, form: String) -> Response {
    let request = world
        .http
        .post(page)
        .header("Content-Type", "application/x-www-form-urlencoded");
    request.body(form).send().await.unwrap()
}

fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn page(world: &World, url: &str) -> (StatusCode, String) {
    let answer = world.http.get(url).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn open(world: &World, order: &Value) -> (Value, String) {
    let body = world.open(order).await;
    let page = href(&body, "redirect-checkout");
    let page = page.split('?').next().unwrap().to_owned();
    (body, page)
}

#[tokio::test]
async fn a_card_without_3d_secure_pays_at_once_and_goes_back_to_the_shop() {
    let world = world().await;
    let (order, url) = open(&world, &purchase("A1")).await;
    let (status, html) = page(&world, &url).await;
    assert_eq!(status, 200);
    assert!(
        html.contains("NOK 15.00") && html.contains("A month of news"),
        "{html}"
    );
    assert_eq!(
        pointer(&world.read(&order).await, "/paymentOrder/integration"),
        "Redirect"
    );
    let answer = pay(&world, &url, DIRECT).await;
    assert_eq!(location(&answer), "https://shop.example/complete?order=7");
    let paid = world.read(&order).await;
    let details = pointer(&paid, "/paymentOrder/paid/details");
    assert_eq!(details["maskedPan"], "492500******0004");
    assert_eq!(details["acquirerTransactionType"], "STANDARD");
    assert!(!paid.to_string().contains("4925000000000004"));
    // The page of a paid order leads on, and paying again changes nothing.
    let again = world.http.get(&url).send().await.unwrap();
    assert_eq!(location(&again), "https://shop.example/complete?order=7");
    let again = pay(&world, &url, DIRECT).await;
    assert_eq!(location(&again), "https://shop.example/complete?order=7");
    assert_eq!(
        world.read(&order).await["paymentOrder"]["paid"],
        paid["paymentOrder"]["paid"]
    );
}

#[tokio::test]
async fn a_3d_secure_card_is_confirmed_at_the_bank_first() {
    let world = world().await;
    let (order, url) = open(&world, &purchase("A1")).await;
    let code = location(&pay(&world, &url, SECURE).await);
    assert_eq!(
        pointer(&world.read(&order).await, "/paymentOrder/status"),
        "Initialized"
    );
    let (status, html) = page(&world, &code).await;
    assert_eq!(status, 200);
    assert!(
        html.contains("476173******0416") && html.contains("Approve"),
        "{html}"
    );
    let answer = post(&world, &code, "answer=approve".to_owned()).await;
    let back = location(&answer);
    let answer = world.http.get(&back).send().await.unwrap();
    assert_eq!(location(&answer), "https://shop.example/complete?order=7");
    let paid = world.read(&order).await;
    let details = pointer(&paid, "/paymentOrder/paid/details");
    assert_eq!(details["acquirerTransactionType"], "3DSECURE");
}

#[tokio::test]
async fn a_payer_who_stops_at_the_bank_may_try_again() {
    let world = world().await;
    let (order, url) = open(&world, &purchase("A1")).await;
    let code = location(&pay(&world, &url, SECURE).await);
    let back = location(&post(&world, &code, "answer=cancel".to_owned()).await);
    let (_, html) = page(&world, &back).await;
    assert!(html.contains("not confirmed at your bank"), "{html}");
    let open = world.read(&order).await;
    let failed = pointer(&open, "/paymentOrder/failedAttempts/failedAttemptList/0");
    assert_eq!(failed["status"], "Aborted");
    // The old code is worthless now.
    post(&world, &code, "answer=approve".to_owned()).await;
    assert_eq!(
        pointer(&world.read(&order).await, "/paymentOrder/status"),
        "Initialized"
    );
    let answer = pay(&world, &url, DIRECT).await;
    assert_eq!(location(&answer), "https://shop.example/complete?order=7");
}

#[tokio::test]
async fn an_attempt_that_the_merchant_ends_cannot_be_confirmed_any_more() {
    let world = world().await;
    let (order, url) = open(&world, &purchase("A1")).await;
    let code = location(&pay(&world, &url, SECURE).await);
    let end = json!({ "operation": "PaymentAttemptAborted", "abortReason": "AbortedByUI" });
    let (status, body) = world.patch(&order, &end).await;
    assert_eq!(
        (status.as_u16(), pointer(&body, "/paymentOrder/status")),
        (200, &json!("Initialized"))
    );
    post(&world, &code, "answer=approve".to_owned()).await;
    assert_eq!(
        pointer(&world.read(&order).await, "/paymentOrder/status"),
        "Initialized"
    );

    let code = location(&pay(&world, &url, SECURE).await);
    let abort = json!({ "operation": "Abort", "abortReason": "CancelledByConsumer" });
    world.patch(&order, &abort).await;
    post(&world, &code, "answer=approve".to_owned()).await;
    assert_eq!(
        pointer(&world.read(&order).await, "/paymentOrder/status"),
        "Aborted"
    );
}

#[tokio::test]
async fn a_declined_amount_is_shown_and_the_order_stays_open() {
    let world = world().await;
    let mut order = purchase("A1");
    order["amount"] = json!(900_361);
    let (order, url) = open(&world, &order).await;
    let back = location(&pay(&world, &url, DIRECT).await);
    let (_, html) = page(&world, &back).await;
    assert!(html.contains("The payment was declined"), "{html}");
    assert_eq!(
        pointer(&world.read(&order).await, "/paymentOrder/status"),
        "Initialized"
    );
}

#[tokio::test]
async fn only_test_cards_are_taken_and_no_number_is_repeated() {
    let world = world().await;
    let (order, url) = open(&world, &purchase("A1")).await;
    let answer = pay(&world, &url, "4111111111111111").await;
    assert_eq!(answer.status(), 200);
    let html = answer.text().await.unwrap();
    assert!(
        html.contains("only PayEx") && !html.contains("4111111111111111"),
        "{html}"
    );
    let now = world.read(&order).await;
    assert_eq!(
        pointer(&now, "/paymentOrder/failedAttempts/failedAttemptList"),
        &json!([])
    );
}

#[tokio::test]
async fn a_payer_who_cancels_goes_back_to_the_cancel_page() {
    let world = world().await;
    let (order, url) = open(&world, &purchase("A1")).await;
    let answer = post(&world, &format!("{url}/cancel"), String::new()).await;
    assert_eq!(location(&answer), "https://shop.example/cancel?order=7");
    let now = world.read(&order).await;
    assert_eq!(pointer(&now, "/paymentOrder/status"), "Aborted");
    assert_eq!(
        pointer(&now, "/paymentOrder/aborted/abortReason"),
        "Payment aborted by payer"
    );
    let answer = world.http.get(&url).send().await.unwrap();
    assert_eq!(location(&answer), "https://shop.example/cancel?order=7");
}

#[tokio::test]
async fn what_the_merchant_wrote_is_escaped_and_the_page_runs_no_script() {
    let world = world().await;
    let mut order = purchase("A1");
    order["description"] = json!("<script>alert(1)</script>");
    order["payeeInfo"]["payeeName"] = json!("\"><img src=x onerror=alert(1)>");
    let (_, url) = open(&world, &order).await;
    let answer = world.http.get(&url).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
    let html = answer.text().await.unwrap();
    assert!(
        !html.contains("<script") && !html.contains("<img"),
        "{html}"
    );
}

#[tokio::test]
async fn every_card_of_the_list_can_be_chosen_without_its_number_in_the_address() {
    let world = world().await;
    let (_, url) = open(&world, &purchase("A1")).await;
    let (_, html) = page(&world, &format!("{url}?card=amex")).await;
    assert!(html.contains("value=\"3776 0100 0000 000\"") && html.contains("value=\"1234\""));
    let (status, _) = page(&world, &format!("{url}?card=nothing")).await;
    assert_eq!(status, 200);
    let unknown = format!("{}/checkout/{}", world.base, "0".repeat(64));
    assert_eq!(page(&world, &unknown).await.0, 404);
    let (status, css) = page(&world, &format!("{}/checkout/style.css", world.base)).await;
    assert!(status == 200 && css.contains("main"));
}
