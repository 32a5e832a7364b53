//! What must not start a payment: a stranger's link, and a page inside a frame.

use serde_json::json;

use super::driver::Manner;
use super::merchant::{Merchant, Place};
use super::page::{Scene, VISA};
use crate::support::world::Wish;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_strangers_payment_in_the_address_starts_nothing_and_is_not_taken_over() {
    let scene = Scene::opens().await;
    let seamless = json!({ "paymentFlow": "seamless", "returnUrl": null });
    let strangers = scene.world.starts(seamless).await;
    scene
        .goes_to(&format!("/demo/?mcPayRef={}", strangers.reference))
        .await;
    scene.shop_is_ready().await;
    scene.events_are(&["payment.initiated"]).await;
    assert!(scene.callbacks().await.is_empty(), "nothing was picked up");
    assert!(
        !scene.is_there("payment-status").await,
        "no payment is shown"
    );

    scene.buys("annual", "seamless").await;
    scene.enters_the_view().await;
    scene.pays_with(VISA).await;
    scene.leaves_the_view().await;
    scene.panel_shows("authorized", "NOK 349.50").await;
    let own = scene.payment().await.reference;
    assert_ne!(own, strangers.reference);
    assert_eq!(scene.world.status(&strangers).await["status"], "pending");
    assert_eq!(scene.initiates(&strangers.reference).await, 1);
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_inside_a_frame_is_refused_and_no_payment_begins() {
    let place = Place::find();
    let wish = Wish {
        origins: vec![place.origin.clone()],
        ..Wish::default()
    };
    let scene = Scene::with(wish, Manner::default()).await;
    let merchant = Merchant::opens(place, &scene.world, &scene.world.claims(json!({})));
    let client = &scene.browser.client;
    client
        .goto(merchant.url("/framed").as_str())
        .await
        .expect("a page");
    let frame = client.find(fantoccini::Locator::Css("iframe")).await;
    frame
        .expect("a frame")
        .enter_frame()
        .await
        .expect("to go in");
    scene.clicks("pay-button").await;
    let failure = scene.callback("onFailure").await;

    assert_eq!(failure[0], json!(null));
    assert_eq!(failure[1]["code"], "iframe_refused");
    assert_eq!(failure[1]["exceptionType"], "IframeRefusedException");
    scene.browser.leave_frames().await.expect("the page");
    scene.goes_to("/demo/").await;
    scene.shows("events-live", "live").await;
    scene.events_are(&[]).await;
    scene.ends_quietly().await;
    merchant.closes().await;
}
