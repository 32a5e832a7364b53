//! 3-D Secure takes a seamless payer away from the page; the page goes on with the same payment.

use super::page::{PAID, PAYS, Scene, VISA, VISA_WITH_3DS};

/// In the shop with the view open, at the bank's page, knowing which payment it is.
async fn is_asked_by_the_bank(scene: &Scene) -> String {
    scene.goes_to("/demo/").await;
    scene.buys("annual", "seamless").await;
    let reference = scene.payment().await.reference;
    scene.enters_the_view().await;
    scene.pays_with(VISA_WITH_3DS).await;
    scene.leaves_the_view().await;
    scene.arrives_at("/sandbox/payex/checkout/").await;
    reference
}

/// The shop's log ends with success, all of it is about this payment, and it began only once.
async fn is_paid_as(scene: &Scene, reference: &str) {
    scene.shows("message", PAID).await;
    scene.panel_shows("authorized", "NOK 349.50").await;
    assert_eq!(scene.payment().await.reference, reference);
    let mut callbacks = scene.callbacks().await;
    // The page that picks the payment up says onInit again, unless the payment is already over.
    callbacks.dedup();
    assert_eq!(callbacks, ["onInit", "onSuccess"]);
    assert_eq!(scene.callback("onInit").await[0]["mcPayRef"], reference);
    assert_eq!(scene.callback("onSuccess").await[0]["mcPayRef"], reference);
    assert_eq!(
        scene.initiates(reference).await,
        1,
        "exactly one payment order"
    );
    scene.events_are(&PAYS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_who_confirms_at_the_bank_comes_back_to_the_same_payment() {
    let scene = Scene::opens().await;
    let reference = is_asked_by_the_bank(&scene).await;
    scene.presses("button[value=approve]").await;

    let back = scene.arrives_at("/demo/").await;
    assert_eq!(back.query(), Some(format!("mcPayRef={reference}").as_str()));
    is_paid_as(&scene, &reference).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_who_confirms_before_the_provider_calls_back_is_paid_all_the_same() {
    let scene = Scene::opens().await;
    let silent = serde_json::json!({ "dropCallbacks": true });
    scene.world.provider_behaves(silent).await;
    let reference = is_asked_by_the_bank(&scene).await;
    scene.presses("button[value=approve]").await;

    scene.arrives_at("/demo/").await;
    is_paid_as(&scene, &reference).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payer_who_cancels_at_the_bank_pays_with_another_card() {
    let scene = Scene::opens().await;
    let reference = is_asked_by_the_bank(&scene).await;
    scene.presses("button[value=cancel]").await;

    scene.arrives_at("/demo/").await;
    scene.enters_the_view().await;
    scene.is_told("not confirmed at your bank").await;
    scene.pays_with(VISA).await;
    scene.leaves_the_view().await;
    is_paid_as(&scene, &reference).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reload_in_the_middle_of_paying_loses_nothing_after_the_bank() {
    let scene = Scene::opens().await;
    let reference = is_asked_by_the_bank(&scene).await;
    scene.presses("button[value=cancel]").await;
    scene.arrives_at("/demo/").await;
    scene.enters_the_view().await;
    scene.leaves_the_view().await;
    scene.browser.client.refresh().await.expect("a reload");

    scene.enters_the_view().await;
    scene.pays_with(VISA).await;
    scene.leaves_the_view().await;
    is_paid_as(&scene, &reference).await;
    scene.ends_quietly().await;
}
