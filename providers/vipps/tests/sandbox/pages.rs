//! The pages of the payer: no script, one step after the other, and back to the shop.

use reqwest::header::{CONTENT_SECURITY_POLICY, LOCATION};
use serde_json::{Value, json};

use super::world::{World, draft, payment, world};

/// Sends what a form of the page would send, and tells the status and where it leads.
async fn press(world: &World, url: &str, form: &str) -> (u16, Option<String>) {
    let request = world.http.post(url).body(form.to_owned());
    let kind = "application/x-www-form-urlencoded";
    let answer = request.header("Content-Type", kind).send().await.unwrap();
    let to = answer
        .headers()
        .get(LOCATION)
        .map(|to| to.to_str().unwrap().to_owned());
    (answer.status().as_u16(), to)
}

async fn page(world: &World, url: &str) -> String {
    let answer = world.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let policy = answer.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    answer.text().await.unwrap()
}

async fn opened(world: &World, payment: &Value) -> String {
    let (_, body) = world.create(payment).await;
    body["redirectUrl"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_payer_gives_a_number_approves_and_is_sent_back() {
    let world = world().await;
    let url = opened(&world, &payment("order-0001")).await;
    let first = page(&world, &url).await;
    assert!(
        first.contains("NOK 499.00") && first.contains("4791234567"),
        "{first}"
    );
    assert!(!first.contains("<script"));
    assert_eq!(press(&world, &url, "answer=phone&phone=12").await.0, 400);
    assert_eq!(press(&world, &url, "answer=approve").await.0, 303);
    assert_eq!(
        world.payment("order-0001").await["state"],
        "CREATED",
        "not before the number"
    );
    let (status, to) = press(&world, &url, "answer=phone&phone=%2B47+912+34+567").await;
    assert!(status == 303 && to.unwrap().contains("/landing?token="));
    assert!(page(&world, &url).await.contains("Approve and pay"));
    let (status, to) = press(&world, &url, "answer=approve").await;
    assert_eq!(
        (status, to.as_deref()),
        (303, Some("https://shop.example/back?order=7"))
    );
    assert_eq!(world.payment("order-0001").await["state"], "AUTHORIZED");
    assert!(page(&world, &url).await.contains("This request is over"));
}

#[tokio::test]
async fn who_is_asked_to_share_shares_first_or_ends_the_payment() {
    let world = world().await;
    let mut order = payment("order-0001");
    order["profile"] = json!({ "scope": "name email" });
    let url = opened(&world, &order).await;
    press(&world, &url, "answer=phone&phone=4791234567").await;
    let consent = page(&world, &url).await;
    assert!(consent.contains("Your e-mail address") && !consent.contains("Your addresses"));
    let (_, to) = press(&world, &url, "answer=reject").await;
    assert_eq!(to.as_deref(), Some("https://shop.example/back?order=7"));
    assert_eq!(world.payment("order-0001").await["state"], "ABORTED");
    order["reference"] = json!("order-0002");
    let url = opened(&world, &order).await;
    press(&world, &url, "answer=phone&phone=4791234567").await;
    press(&world, &url, "answer=approve").await;
    assert_eq!(
        world.payment("order-0002").await["state"],
        "CREATED",
        "not before the consent"
    );
    press(&world, &url, "answer=consent").await;
    press(&world, &url, "answer=approve").await;
    assert_eq!(world.payment("order-0002").await["state"], "AUTHORIZED");
}

#[tokio::test]
async fn a_declined_payer_is_told_and_may_try_again() {
    let world = world().await;
    let mut order = payment("order-0001");
    order["amount"]["value"] = json!(151);
    let url = opened(&world, &order).await;
    press(&world, &url, "answer=phone&phone=4791234567").await;
    let (status, to) = press(&world, &url, "answer=approve").await;
    assert!(status == 303 && to.unwrap().contains("/landing"));
    assert!(
        page(&world, &url)
            .await
            .contains("Not enough money on the account.")
    );
}

#[tokio::test]
async fn an_agreement_says_what_it_will_cost_and_what_comes_from_outside_is_escaped() {
    let world = world().await;
    let mut terms = draft("order-0001");
    terms["productName"] = json!("<b>News</b>");
    let (_, body) = world.post("/recurring/v3/agreements", &terms).await;
    let url = body["vippsConfirmationUrl"].as_str().unwrap();
    press(&world, url, "answer=phone&phone=4791234567").await;
    let shown = page(&world, url).await;
    assert!(shown.contains("Then NOK 499.00 every month") && shown.contains("NOK 100.00"));
    assert!(!shown.contains("<b>News"), "{shown}");
    let (_, to) = press(&world, url, "answer=approve").await;
    assert_eq!(to.as_deref(), Some("https://shop.example/back"));
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_a_page_too_and_the_style_is_served() {
    let world = world().await;
    let gone = world
        .http
        .get(world.url("/landing?token=nobody"))
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status(), 404);
    assert!(gone.text().await.unwrap().contains("leads nowhere"));
    let style = world
        .http
        .get(world.url("/landing/style.css"))
        .send()
        .await
        .unwrap();
    assert_eq!(style.status(), 200);
}
