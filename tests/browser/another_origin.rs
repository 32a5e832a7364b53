//! A shop on another origin than the service: the library from our CDN, its calls across origins,
//! the provider's view in a page that is not ours.

use serde_json::json;

use super::driver::Manner;
use super::merchant::{Merchant, Place};
use super::page::{Scene, VISA, VISA_WITH_3DS};
use crate::support::world::{StartedPayment, Wish};

async fn opens() -> (Scene, Merchant) {
    let place = Place::find();
    let wish = Wish {
        origins: vec![place.origin.clone()],
        ..Wish::default()
    };
    let scene = Scene::with(wish, Manner::default()).await;
    let claims = json!({ "paymentFlow": "seamless", "returnUrl": null });
    let merchant = Merchant::opens(place, &scene.world, &scene.world.claims(claims));
    let shop = merchant.url("/");
    let loads = scene.browser.client.goto(shop.as_str()).await;
    loads.expect("the shop's page loads");
    (scene, merchant)
}

async fn started(scene: &Scene) -> StartedPayment {
    let reference = scene.callback("onInit").await[0]["mcPayRef"].clone();
    StartedPayment {
        reference: reference.as_str().expect("a reference").to_owned(),
        answer: reference,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shop_elsewhere_takes_a_card_on_its_own_page() {
    let (scene, merchant) = opens().await;
    scene.clicks("pay-button").await;
    let payment = started(&scene).await;
    scene.enters_the_view().await;
    scene.pays_with(VISA).await;
    scene.leaves_the_view().await;

    let success = scene.callback("onSuccess").await;
    assert_eq!(success[0]["mcPayRef"], payment.reference);
    assert_eq!(scene.callbacks().await, ["onInit", "onSuccess"]);
    assert_eq!(scene.world.status(&payment).await["status"], "success");
    scene.ends_quietly().await;
    merchant.closes().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shop_elsewhere_that_asks_again_after_the_bank_goes_on_with_the_same_payment() {
    let (scene, merchant) = opens().await;
    scene.clicks("pay-button").await;
    let payment = started(&scene).await;
    scene.enters_the_view().await;
    scene.pays_with(VISA_WITH_3DS).await;
    scene.leaves_the_view().await;
    scene.arrives_at("/sandbox/payex/checkout/").await;
    scene.presses("button[value=approve]").await;

    let success = scene.callback("onSuccess").await;
    assert_eq!(success[0]["mcPayRef"], payment.reference);
    let url = scene.url().await;
    assert_eq!(
        url,
        merchant.url(&format!("/?mcPayRef={}", payment.reference))
    );
    assert_eq!(scene.initiates(&payment.reference).await, 1);
    assert_eq!(
        scene.world.events_of(&payment).await,
        ["payment.initiated", "payment.authorized"]
    );
    scene.ends_quietly().await;
    merchant.closes().await;
}
