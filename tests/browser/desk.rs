//! After paying: the shop places the order, and the merchant's desk captures, refunds, charges and
//! stops.

use fantoccini::Locator;
use serde_json::Value;

use super::page::{PAID, Scene, VISA, named};

async fn buys_and_pays(scene: &Scene, product: &str) {
    scene.goes_to("/demo/").await;
    scene.buys(product, "seamless").await;
    scene.enters_the_view().await;
    scene.pays_with(VISA).await;
    scene.leaves_the_view().await;
    scene.shows("message", PAID).await;
}

impl Scene {
    /// Presses the button of the shop's own form.
    async fn places_the_order(&self) {
        self.until("the order can be placed", async || {
            let button = Locator::Css("[data-testid=place-order] button");
            let button = self.browser.client.find(button).await?;
            button.click().await.map(Some)
        })
        .await;
        self.arrives_at("/demo/merchant/").await;
    }

    /// Looks at the desk's page again until the payment stands so.
    async fn desk_shows(&self, state: &str) {
        self.until(&format!("the payment is {state}"), async || {
            let shown = self.text("merchant-state").await;
            if shown == state {
                return Ok(Some(()));
            }
            self.browser.client.refresh().await?;
            Ok(None)
        })
        .await;
    }

    async fn types_amount(&self, amount: &str) {
        let field = named("merchant-amount");
        let field = self.browser.client.find(field.as_locator()).await;
        let field = field.expect("a field for the amount");
        field.send_keys(amount).await.expect("it can be typed");
    }

    /// What the API answered to the form that is titled so.
    async fn was_said(&self, title: &str) -> Value {
        let text = self
            .until(&format!("the answer to {title}"), async || {
                let heading = self.text("merchant-said").await;
                if !heading.starts_with(title) {
                    return Ok(None);
                }
                Ok(Some(self.text("merchant-said-json").await))
            })
            .await;
        serde_json::from_str(&text).expect("the API's answer")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_order_that_is_placed_after_paying_takes_the_money_and_the_desk_refunds_a_part() {
    let scene = Scene::opens().await;
    buys_and_pays(&scene, "annual").await;

    scene.places_the_order().await;
    scene.desk_shows("captured").await;
    let order = scene.text("merchant-order-json").await;
    assert!(order.contains("\"fulfilled\""), "{order}");

    scene.types_amount("49.50").await;
    scene.clicks("merchant-refund").await;
    assert_eq!(scene.was_said("Refund").await["status"], "done");
    scene.shows("merchant-refundedAmount", "49.50").await;
    scene.types_amount("300.01").await;
    scene.clicks("merchant-capture").await;
    let refused = scene.was_said("Capture").await;
    assert_eq!(refused["status"], 409, "{refused}");
    scene.ends_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_desk_charges_a_subscription_and_stops_it() {
    let scene = Scene::opens().await;
    buys_and_pays(&scene, "subscription").await;
    scene.places_the_order().await;
    scene.desk_shows("captured").await;

    scene.clicks("merchant-charge").await;
    let charged = scene.was_said("Charge").await;
    assert_eq!(charged["status"], "success", "{charged}");
    let reference = charged["mcPayRef"].as_str().expect("a payment of its own");
    assert_eq!(
        scene.world.count_calls(reference, "charge").await,
        1,
        "the provider heard of it once"
    );
    scene.clicks("merchant-stop").await;
    assert_eq!(scene.was_said("Stop").await["status"], "stopped");
    scene.shows("merchant-agreement", "stopped").await;
    assert!(
        !scene.is_there("merchant-charge").await,
        "nothing is left to do with it"
    );
    scene.ends_quietly().await;
}
