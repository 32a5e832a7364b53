//! The redirect flow: off to the provider's page, and back to the shop's return page.

use super::page::{DECLINED, PAYS, SUBSCRIBES, Scene, VISA, VISA_WITH_3DS};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_card_without_3d_secure_pays_and_comes_back() {
    let scene = Scene::opens().await;
    scene.goes_to("/demo/").await;
    scene.buys("annual", "redirect").await;
    scene.arrives_at("/sandbox/payex/checkout/").await;
    scene.pays_with(VISA).await;

    scene.comes_back("success", "Thank you").await;
    scene.panel_shows("authorized", "NOK 349.50").await;
    scene.clicks("start-again").await;
    scene.events_are(&PAYS).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_card_with_3d_secure_is_confirmed_at_the_bank_and_comes_back() {
    let scene = Scene::opens().await;
    scene.goes_to("/demo/").await;
    scene.buys("single-issue", "redirect").await;
    scene.arrives_at("/sandbox/payex/checkout/").await;
    scene.pays_with(VISA_WITH_3DS).await;
    scene.presses("button[value=approve]").await;

    scene.comes_back("success", "Thank you").await;
    scene.panel_shows("authorized", "NOK 49.00").await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_who_gives_up_at_the_provider_comes_back_as_cancelled() {
    let scene = Scene::opens().await;
    scene.goes_to("/demo/").await;
    scene.buys("annual", "redirect").await;
    scene.arrives_at("/sandbox/payex/checkout/").await;
    scene.presses("#cancel .back").await;

    scene
        .comes_back("failure", "The payment was not completed")
        .await;
    scene.panel_shows("cancelled", "NOK 0.00").await;
    scene.shows("payment-reason", "cancel").await;
    scene.clicks("start-again").await;
    scene
        .events_are(&["payment.initiated", "payment.cancelled"])
        .await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_declined_card_ends_nothing_and_another_one_pays() {
    let scene = Scene::opens().await;
    scene.goes_to("/demo/").await;
    scene.buys("annual", "redirect").await;
    scene.arrives_at("/sandbox/payex/checkout/").await;
    scene.pays_with(DECLINED).await;
    scene.is_told("declined").await;
    scene.pays_with(VISA).await;

    scene.comes_back("success", "Thank you").await;
    scene.panel_shows("authorized", "NOK 349.50").await;
    scene.clicks("start-again").await;
    scene.events_are(&PAYS).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscription_takes_its_first_krone_and_opens_an_agreement() {
    let scene = Scene::opens().await;
    scene.goes_to("/demo/").await;
    scene.buys("subscription", "redirect").await;
    scene.arrives_at("/sandbox/payex/checkout/").await;
    scene.pays_with(VISA).await;

    scene.comes_back("success", "Thank you").await;
    scene.panel_shows("authorized", "NOK 1.00").await;
    scene.clicks("start-again").await;
    scene.events_are(&SUBSCRIBES).await;
    scene.ends_quietly().await;
}
