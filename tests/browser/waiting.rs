//! The page that waits for a provider that has not yet decided, for payers without JavaScript.

use serde_json::json;

use super::driver::Manner;
use super::page::Scene;
use crate::support::world::{StartedPayment, Wish};

/// A payer without scripts who is back from the provider before it decided.
async fn waits() -> (Scene, StartedPayment) {
    let manner = Manner {
        without_javascript: true,
    };
    let scene = Scene::with(Wish::default(), manner).await;
    let done = scene.world.base.join("/demo/done.html").unwrap();
    let claims = json!({ "returnUrl": done, "description": "A year of <everything>" });
    let payment = scene.world.starts(claims).await;
    scene
        .goes_to(&format!(
            "/capi/mcpay/payments/{}/return?k=abc",
            payment.reference
        ))
        .await;
    let text = scene.text("waiting").await;
    assert!(
        text.contains("A year of <everything>, NOK 349.00"),
        "{text}"
    );
    (scene, payment)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_waiting_page_goes_on_by_itself_without_javascript() {
    let (scene, payment) = waits().await;
    scene.world.payer_approves(&payment).await;

    let url = scene.arrives_at("/demo/done.html").await;
    let expected = format!("mcPayRef={}&status=success", payment.reference);
    assert_eq!(url.query(), Some(expected.as_str()));
    let title = scene.text("done-title").await;
    assert_eq!(
        title, "Checking your payment…",
        "no script ran on the shop's page"
    );
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_cancel_button_of_the_waiting_page_closes_the_payment_without_javascript() {
    let (scene, payment) = waits().await;
    scene.clicks("cancel").await;

    let url = scene.arrives_at("/demo/done.html").await;
    let expected = format!("mcPayRef={}&status=failure", payment.reference);
    assert_eq!(url.query(), Some(expected.as_str()));
    let status = scene.world.status(&payment).await;
    assert_eq!(
        (&status["status"], &status["reason"]),
        (&json!("failure"), &json!("cancel"))
    );
    let seen = scene.world.provider_saw(&payment.reference).await;
    assert!(
        seen.contains(&"cancel".to_owned()),
        "the provider was told: {seen:?}"
    );
    scene.ends_quietly().await;
}
