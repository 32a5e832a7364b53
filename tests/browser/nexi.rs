//! Nexi in a browser: its view in the shop's page, its own page, and the bank between them.

use serde_json::json;

use super::page::{PAID, PAYS, SUBSCRIBES, Scene};

const VISA: &str = "4925 0000 0000 0004";
const VISA_WITH_3DS: &str = "4268 2700 8737 4847";
const DECLINED: &str = "4925 0000 0000 0087";
const OWN_PAGE: &str = "/sandbox/nexi/hostedpaymentpage";

async fn opens_the_view(product: &str) -> Scene {
    let scene = Scene::opens().await;
    scene.goes_to("/demo/").await;
    scene.buys_by("nexi", product, "seamless").await;
    scene.enters_the_view().await;
    scene
}

/// What everybody who paid on the shop's page is shown; the log began on this page or before the bank.
async fn is_paid(scene: &Scene, amount: &str) -> String {
    scene.leaves_the_view().await;
    scene.shows("message", PAID).await;
    scene.panel_shows("authorized", amount).await;
    let mut callbacks = scene.callbacks().await;
    callbacks.dedup();
    assert_eq!(
        callbacks,
        ["onInit", "onSuccess"],
        "Nexi tells its end twice, we tell it once"
    );
    let reference = scene.payment().await.reference;
    assert_eq!(scene.callback("onSuccess").await[0]["mcPayRef"], reference);
    assert_eq!(scene.initiates(&reference).await, 1);
    reference
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_card_pays_in_nexis_view_without_leaving_the_page() {
    let scene = opens_the_view("annual").await;
    scene.pays_with(VISA).await;

    is_paid(&scene, "NOK 349.50").await;
    scene.events_are(&PAYS).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscription_in_nexis_view_takes_its_first_krone_and_opens_an_agreement() {
    let scene = opens_the_view("subscription").await;
    scene.pays_with(VISA).await;

    is_paid(&scene, "NOK 1.00").await;
    scene.events_are(&SUBSCRIBES).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_card_declined_in_nexis_view_ends_nothing_and_another_one_pays() {
    let scene = opens_the_view("single-issue").await;
    scene.pays_with(DECLINED).await;
    scene.is_told("declined").await;
    scene.pays_with(VISA).await;

    is_paid(&scene, "NOK 49.00").await;
    scene.events_are(&PAYS).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_shops_cancel_button_closes_the_payment_at_nexi() {
    let scene = opens_the_view("annual").await;
    scene.leaves_the_view().await;
    scene.clicks("cancel-button").await;

    scene
        .shows("message", "The payment was cancelled. Nothing was taken.")
        .await;
    scene.panel_shows("cancelled", "NOK 0.00").await;
    assert_eq!(scene.callbacks().await, ["onInit", "onFailure"]);
    assert_eq!(scene.callback("onFailure").await[3], "cancel");
    scene
        .events_are(&["payment.initiated", "payment.cancelled"])
        .await;
    scene.ends_quietly().await;
}

/// In the shop with Nexi's view, sent to the bank's page; knows which payment it is.
async fn is_asked_by_the_bank() -> (Scene, String) {
    let scene = opens_the_view("annual").await;
    scene.pays_with(VISA_WITH_3DS).await;
    scene.leaves_the_view().await;
    scene.arrives_at("/sandbox/nexi/checkout/3ds/").await;
    let events = scene.world.all_events().await;
    let reference = events[0].subject.clone();
    (scene, reference)
}

/// The browser is on the shop's page again, with what Nexi and we put into its address.
async fn is_back_with(scene: &Scene, reference: &str, failed: bool) {
    let back = scene.arrives_at("/demo/").await;
    let find = |wanted: &str| {
        let mut query = back.query_pairs();
        query
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    assert_eq!(find("mcPayRef").as_deref(), Some(reference), "{back}");
    assert!(find("paymentId").is_some(), "{back}");
    assert_eq!(find("paymentFailed").is_some(), failed, "{back}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_who_confirms_at_the_bank_comes_back_to_the_same_payment_in_nexis_view() {
    let (scene, reference) = is_asked_by_the_bank().await;
    scene.presses("button[value=approve]").await;

    is_back_with(&scene, &reference, false).await;
    assert_eq!(is_paid(&scene, "NOK 349.50").await, reference);
    scene.events_are(&PAYS).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_who_confirms_before_nexi_calls_back_is_paid_all_the_same() {
    let (scene, reference) = is_asked_by_the_bank().await;
    let silent = json!({ "dropCallbacks": true });
    scene.world.provider_behaves(silent).await;
    scene.presses("button[value=approve]").await;

    is_back_with(&scene, &reference, false).await;
    assert_eq!(is_paid(&scene, "NOK 349.50").await, reference);
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_whom_the_bank_refuses_pays_with_another_card_in_the_same_payment() {
    let (scene, reference) = is_asked_by_the_bank().await;
    scene.presses("button[value=fail]").await;

    is_back_with(&scene, &reference, true).await;
    scene.enters_the_view().await;
    scene.is_told("not confirmed at your bank").await;
    scene.pays_with(VISA).await;
    assert_eq!(is_paid(&scene, "NOK 349.50").await, reference);
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_card_pays_on_nexis_own_page_and_comes_back() {
    let scene = Scene::opens().await;
    scene.goes_to("/demo/").await;
    scene.buys_by("nexi", "annual", "redirect").await;
    scene.arrives_at(OWN_PAGE).await;
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
async fn a_subscription_on_nexis_own_page_is_confirmed_at_the_bank_and_comes_back() {
    let scene = Scene::opens().await;
    scene.goes_to("/demo/").await;
    scene.buys_by("nexi", "subscription", "redirect").await;
    scene.arrives_at(OWN_PAGE).await;
    scene.pays_with(VISA_WITH_3DS).await;
    scene.arrives_at("/sandbox/nexi/checkout/3ds/").await;
    scene.presses("button[value=approve]").await;

    scene.comes_back("success", "Thank you").await;
    scene.panel_shows("authorized", "NOK 1.00").await;
    scene.clicks("start-again").await;
    scene.events_are(&SUBSCRIBES).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_who_gives_up_on_nexis_own_page_comes_back_as_cancelled() {
    let scene = Scene::opens().await;
    scene.goes_to("/demo/").await;
    scene.buys_by("nexi", "annual", "redirect").await;
    scene.arrives_at(OWN_PAGE).await;
    scene.presses("#cancel").await;

    scene
        .comes_back("failure", "The payment was not completed")
        .await;
    scene.panel_shows("cancelled", "NOK 0.00").await;
    scene.shows("payment-reason", "cancel").await;
    scene.ends_quietly().await;
}
