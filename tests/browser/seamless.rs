//! The seamless flow on one page: the provider's view opens in the shop, and closes with the outcome.

use super::page::{DECLINED, PAID, PAYS, SUBSCRIBES, Scene, VISA};

async fn opens_the_view(scene: &Scene, product: &str) {
    scene.goes_to("/demo/").await;
    scene.buys(product, "seamless").await;
    scene.enters_the_view().await;
}

/// What everybody who paid on the page is shown.
async fn is_paid(scene: &Scene, amount: &str) {
    scene.leaves_the_view().await;
    scene.shows("message", PAID).await;
    scene.panel_shows("authorized", amount).await;
    assert_eq!(scene.callbacks().await, ["onInit", "onSuccess"]);
    let reference = scene.payment().await.reference;
    assert_eq!(scene.callback("onInit").await[0]["mcPayRef"], reference);
    let success = scene.callback("onSuccess").await;
    assert_eq!(success[0]["mcPayRef"], reference);
    assert_eq!(scene.initiates(&reference).await, 1);
    assert!(
        !scene.browser_shows_a_view().await,
        "the view is taken away"
    );
}

impl Scene {
    async fn browser_shows_a_view(&self) -> bool {
        let frames = self
            .browser
            .client
            .find_all(fantoccini::Locator::Css("iframe"));
        !frames.await.expect("the page").is_empty()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_card_without_3d_secure_pays_without_leaving_the_page() {
    let scene = Scene::opens().await;
    opens_the_view(&scene, "annual").await;
    scene.pays_with(VISA).await;

    is_paid(&scene, "NOK 349.50").await;
    scene.events_are(&PAYS).await;
    let success = scene.callback("onSuccess").await;
    assert_eq!(
        success[1]["event"], "OnPaid",
        "the provider's own word comes along"
    );
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_declined_card_ends_nothing_and_another_one_pays() {
    let scene = Scene::opens().await;
    opens_the_view(&scene, "single-issue").await;
    scene.pays_with(DECLINED).await;
    scene.is_told("declined").await;
    scene.leaves_the_view().await;
    assert_eq!(
        scene.callbacks().await,
        ["onInit"],
        "a declined try is no failure"
    );
    scene.enters_the_view().await;
    scene.pays_with(VISA).await;

    is_paid(&scene, "NOK 49.00").await;
    scene.events_are(&PAYS).await;
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_shops_cancel_button_closes_the_payment_and_a_second_one_can_be_paid() {
    let scene = Scene::opens().await;
    opens_the_view(&scene, "annual").await;
    scene.leaves_the_view().await;
    scene.clicks("cancel-button").await;

    scene
        .shows("message", "The payment was cancelled. Nothing was taken.")
        .await;
    scene.panel_shows("cancelled", "NOK 0.00").await;
    scene.shows("payment-reason", "cancel").await;
    assert_eq!(scene.callbacks().await, ["onInit", "onFailure"]);
    let first = scene.payment().await.reference;
    let failure = scene.callback("onFailure").await;
    assert_eq!(failure[0]["mcPayRef"], first);
    assert_eq!(failure[1]["code"], "payment_cancelled");
    assert_eq!(failure[3], "cancel");
    scene
        .events_are(&["payment.initiated", "payment.cancelled"])
        .await;

    scene.buys("annual", "seamless").await;
    scene.enters_the_view().await;
    scene.pays_with(VISA).await;
    is_paid(&scene, "NOK 349.50").await;
    assert_ne!(scene.payment().await.reference, first);
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscription_takes_its_first_krone_and_opens_an_agreement() {
    let scene = Scene::opens().await;
    opens_the_view(&scene, "subscription").await;
    scene.pays_with(VISA).await;

    is_paid(&scene, "NOK 1.00").await;
    scene.events_are(&SUBSCRIBES).await;
    scene.ends_quietly().await;
}
