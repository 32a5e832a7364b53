//! Notifications: tried until they are taken, in order where the provider keeps one.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mcpay_sandbox::{Delivery, Notifications};
use reqwest::StatusCode;
use serde_json::json;

use super::shop::{Shop, shop};
use super::world::{World, world};

const LOOSE: Delivery = Delivery {
    retries_seconds: &[1, 2, 3, 4, 5, 6, 7, 8],
    accepts: StatusCode::is_success,
    try_for: Duration::from_secs(5),
    is_ordered: false,
};
const ORDERED: Delivery = Delivery {
    is_ordered: true,
    ..LOOSE
};
const FAST: Duration = Duration::from_millis(2);
/// What a retry that must not come by itself waits for.
const REAL: Duration = Duration::from_secs(1);

fn tell(
    world: &World,
    shop: &Shop,
    delivery: Delivery,
    sequence: &mut Notifications,
    body: &'static str,
) {
    let url = shop.url.clone();
    let stage = &world.state.stage;
    stage.notify(delivery, sequence, move |http| http.post(&url).body(body));
}

#[tokio::test]
async fn only_the_status_that_the_provider_asks_for_counts_as_taken() {
    let world = world(FAST);
    let shop = shop(|_, times| [204, 302, 500, 200][(times - 1).min(3)]);
    let exact = Delivery {
        accepts: |status| *status == StatusCode::OK,
        ..ORDERED
    };
    let mut payment = Notifications::default();
    tell(&world, &shop, exact, &mut payment, "exact");
    tell(&world, &shop, ORDERED, &mut payment, "any 2xx");
    tell(&world, &shop, ORDERED, &mut payment, "next");
    let tries = ["exact", "exact", "exact", "exact", "any 2xx", "next"];
    shop.gets(&tries).await;
}

#[tokio::test]
async fn each_try_is_a_new_request() {
    let world = world(FAST);
    let shop = shop(|_, times| if times < 3 { 503 } else { 200 });
    let (url, tries) = (shop.url.clone(), AtomicU32::new(0));
    let mut payment = Notifications::default();
    world
        .state
        .stage
        .notify(ORDERED, &mut payment, move |http| {
            let number = tries.fetch_add(1, Ordering::Relaxed);
            http.post(&url).header("signature", number).body("one")
        });
    shop.gets(&["one 0", "one 1", "one 2"]).await;
}

#[tokio::test]
async fn in_order_a_refused_one_holds_up_the_later_ones_of_its_sequence_alone() {
    let world = world(FAST);
    let shop = shop(|body, times| if body == "a1" && times < 4 { 500 } else { 200 });
    let patient = Delivery {
        retries_seconds: &[1, 2, 86_400],
        ..ORDERED
    };
    let (mut a, mut b) = (Notifications::default(), Notifications::default());
    tell(&world, &shop, patient, &mut a, "a1");
    tell(&world, &shop, patient, &mut a, "a2");
    shop.gets(&["a1", "a1", "a1"]).await;
    tell(&world, &shop, patient, &mut b, "b1");
    shop.gets(&["a1", "a1", "a1", "b1"]).await;
    let until_the_last_retry = json!({ "offsetSeconds": 200 });
    world.set("/_clock", &until_the_last_retry).await;
    shop.gets(&["a1", "a1", "a1", "b1", "a1", "a2"]).await;
}

#[tokio::test]
async fn in_order_the_next_one_goes_when_the_one_before_is_given_up() {
    let world = world(FAST);
    let shop = shop(|body, _| if body == "one" { 500 } else { 200 });
    let brief = Delivery {
        retries_seconds: &[1, 2],
        ..ORDERED
    };
    let mut payment = Notifications::default();
    for body in ["one", "two", "three"] {
        tell(&world, &shop, brief, &mut payment, body);
    }
    shop.gets(&["one", "one", "one", "two", "three"]).await;
}

#[tokio::test]
async fn without_an_order_nobody_waits_for_one_that_is_refused() {
    let world = world(REAL * 3600);
    let shop = shop(|body, _| if body == "one" { 500 } else { 200 });
    let mut payment = Notifications::default();
    tell(&world, &shop, LOOSE, &mut payment, "one");
    shop.gets(&["one"]).await;
    tell(&world, &shop, LOOSE, &mut payment, "two");
    shop.gets(&["one", "two"]).await;
}

#[tokio::test]
async fn the_controls_mix_up_also_what_the_provider_keeps_in_order() {
    let world = world(FAST);
    let shop = shop(|_, _| 200);
    let mut payment = Notifications::default();
    let mixed = json!({ "reorderCallbacks": true, "duplicateCallbacks": false });
    world.set("/_control", &mixed).await;
    tell(&world, &shop, ORDERED, &mut payment, "one");
    tell(&world, &shop, ORDERED, &mut payment, "two");
    shop.gets(&["two", "one"]).await;
    let twice = json!({ "reorderCallbacks": false, "duplicateCallbacks": true });
    world.set("/_control", &twice).await;
    tell(&world, &shop, ORDERED, &mut payment, "three");
    tell(&world, &shop, ORDERED, &mut payment, "four");
    let all = ["two", "one", "three", "three", "four", "four"];
    shop.gets(&all).await;
    world
        .set("/_control", &json!({ "dropCallbacks": true }))
        .await;
    tell(&world, &shop, ORDERED, &mut payment, "five");
    world
        .set("/_control", &json!({ "dropCallbacks": false }))
        .await;
    tell(&world, &shop, ORDERED, &mut payment, "six");
    shop.gets(&[&all[..], &["six", "six"]].concat()).await;
}

#[tokio::test]
async fn one_that_was_held_back_keeps_its_place_when_the_controls_mix_nothing_any_more() {
    let world = world(FAST);
    let shop = shop(|_, _| 200);
    let mut payment = Notifications::default();
    world
        .set("/_control", &json!({ "reorderCallbacks": true }))
        .await;
    tell(&world, &shop, ORDERED, &mut payment, "one");
    world
        .set("/_control", &json!({ "reorderCallbacks": false }))
        .await;
    tell(&world, &shop, ORDERED, &mut payment, "two");
    shop.gets(&["one", "two"]).await;
}

#[tokio::test]
async fn moving_the_clock_brings_what_is_late_and_what_is_tried_again() {
    let world = world(REAL);
    let shop = shop(|_, times| if times == 1 { 500 } else { 200 });
    let daily = Delivery {
        retries_seconds: &[86_400],
        ..ORDERED
    };
    world
        .set("/_control", &json!({ "callbackDelayMs": 600_000 }))
        .await;
    tell(&world, &shop, daily, &mut Notifications::default(), "one");
    world.set("/_clock", &json!({ "offsetSeconds": 600 })).await;
    shop.gets(&["one"]).await;
    world
        .set("/_clock", &json!({ "offsetSeconds": 600 + 86_401 }))
        .await;
    shop.gets(&["one", "one"]).await;
}
