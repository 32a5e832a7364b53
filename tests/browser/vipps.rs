//! Vipps in a browser: from the demo shop to the landing page and the app behind it, and back to the
//! shop's return page.

use fantoccini::Locator;
use serde_json::{Value, json};

use super::page::{Scene, named};

const PHONE: &str = "47 41 23 45 67";

/// Goes to the shop and chooses what is bought and how; `more` is ticked below.
async fn orders(scene: &Scene, product: &str, method: &str, more: &[&str]) {
    scene.world.is_registered().await;
    scene.goes_to("/demo/").await;
    scene.shop_is_ready().await;
    scene.clicks(&format!("product-{product}")).await;
    scene.clicks(&format!("method-{method}")).await;
    for tick in more {
        scene.clicks(tick).await;
    }
}

/// Writes the phone number into the order form.
async fn gives_a_number(scene: &Scene) {
    scene
        .until("the number can be written", async || {
            let field = named("phone-number");
            let field = scene.browser.client.find(field.as_locator()).await?;
            field.clear().await?;
            field.send_keys("+47 41 23 45 67").await.map(Some)
        })
        .await;
}

/// What the landing page has in its field for the number.
async fn number_on_the_landing_page(scene: &Scene) -> String {
    scene
        .until("the landing page asks for the number", async || {
            let field = scene.browser.client.find(Locator::Css("#phone")).await?;
            field.prop("value").await
        })
        .await
}

async fn approves(scene: &Scene) {
    scene.presses("button[value=phone]").await;
    scene.presses("button[value=approve]").await;
}

/// The query that the browser brings to the shop's return page.
async fn query_at_shop(scene: &Scene) -> Vec<(String, String)> {
    let url = scene.arrives_at("/demo/done.html").await;
    let pairs = url.query_pairs();
    pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn value_of(query: &[(String, String)], name: &str) -> Option<String> {
    let found = query.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}

async fn is_paid(scene: &Scene, amount: &str, events: &[&str]) {
    let query = query_at_shop(scene).await;
    assert_eq!(value_of(&query, "status").as_deref(), Some("success"));
    scene.shows("done-title", "Thank you").await;
    scene.panel_shows("authorized", amount).await;
    let reference = scene.payment().await.reference;
    assert_eq!(value_of(&query, "mcPayRef"), Some(reference.clone()));
    assert_eq!(scene.initiates(&reference).await, 1);
    scene.clicks("start-again").await;
    scene.events_are(events).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_single_issue_is_paid_in_the_app_and_the_page_redirects() {
    let scene = Scene::opens().await;
    orders(&scene, "single-issue", "vippsEcommerce", &[]).await;
    scene.clicks("pay-button").await;
    scene.arrives_at("/sandbox/vipps/landing").await;
    approves(&scene).await;

    let events = ["payment.initiated", "payment.authorized"];
    is_paid(&scene, "NOK 49.00", &events).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscription_is_agreed_to_in_the_app_and_the_library_redirects() {
    let scene = Scene::opens().await;
    scene.world.is_registered().await;
    scene.goes_to("/demo/").await;
    scene.shop_is_ready().await;
    scene.clicks("product-subscription").await;
    scene.clicks("method-vippsRecurring").await;
    scene
        .presses("[data-testid=developer-options] summary")
        .await;
    scene.clicks("library-redirects").await;
    scene.clicks("pay-button").await;
    scene.arrives_at("/sandbox/vipps/landing").await;
    approves(&scene).await;

    let events = [
        "payment.initiated",
        "payment.authorized",
        "agreement.activated",
    ];
    is_paid(&scene, "NOK 1.00", &events).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_number_that_the_shop_knows_is_there_already() {
    let scene = Scene::opens().await;
    for (product, method) in [
        ("single-issue", "vippsEcommerce"),
        ("subscription", "vippsRecurring"),
    ] {
        orders(&scene, product, method, &[]).await;
        gives_a_number(&scene).await;
        scene.clicks("pay-button").await;
        scene.arrives_at("/sandbox/vipps/landing").await;
        let shown = number_on_the_landing_page(&scene).await;
        assert_eq!(shown, PHONE.replace(' ', ""));
        let url = scene.url().await;
        assert!(
            !url.as_str().contains("41234567"),
            "no number in an address: {url}"
        );
    }
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_who_shares_who_they_are_comes_back_with_a_name() {
    let scene = Scene::opens().await;
    orders(&scene, "single-issue", "vippsEcommerce", &["ask-profile"]).await;
    scene.clicks("pay-button").await;
    scene.arrives_at("/sandbox/vipps/landing").await;
    scene.presses("button[value=phone]").await;
    scene.presses("button[value=consent]").await;
    scene.presses("button[value=approve]").await;

    let query = query_at_shop(&scene).await;
    let sub = value_of(&query, "sub").expect("the payer's name");
    let reference = value_of(&query, "mcPayRef").expect("a reference");
    let backend = scene.world.backend().await;
    let path = format!("/capi/v1/client/payment/{reference}");
    let read: Value = backend.get(&path).await.expect(200).json();
    assert_eq!(read["profile"]["sub"], json!(sub));
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_who_rejects_in_the_app_comes_back_as_cancelled() {
    let scene = Scene::opens().await;
    orders(&scene, "single-issue", "vippsEcommerce", &[]).await;
    scene.clicks("pay-button").await;
    scene.arrives_at("/sandbox/vipps/landing").await;
    scene.presses("button[value=reject]").await;

    let query = query_at_shop(&scene).await;
    assert_eq!(value_of(&query, "status").as_deref(), Some("failure"));
    scene.shows("payment-reason", "cancel").await;
    scene.ends_quietly().await;
}
