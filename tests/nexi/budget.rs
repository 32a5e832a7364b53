//! Nexi lets a payment be retrieved thirty times an hour. Ten of them are kept from pages
//! (CONTRACT 8.10), and its refusal is never met.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{SOON, nexis_clock_shows, seamless};
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

/// With which status each retrieve of the payment was answered.
async fn retrieves(world: &World, payment: &StartedPayment) -> Vec<u64> {
    let path = format!("/sandbox/nexi/_calls?reference={}", payment.reference);
    let calls = world.get(&path).await.json();
    let inquiries = calls.as_array().unwrap().iter();
    inquiries
        .filter(|call| call["operation"] == "inquire")
        .map(|call| call["status"].as_u64().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_that_asks_every_minute_of_an_hour_uses_up_nothing_that_callbacks_need() {
    let world = World::on_sqlite().await;
    let rules = json!({ "retrieveLimit": true });
    world.puts("/sandbox/nexi/_rules", &rules).await.expect(200);
    let payment = world.starts(seamless(&world)).await;
    let mut answers: Vec<Value> = Vec::new();
    for minute in 1..=59 {
        // Both clocks, so that what is an hour here is an hour there.
        world.clock.advance(TimeDelta::minutes(1));
        nexis_clock_shows(&world, minute * 60).await;
        let before = retrieves(&world, &payment).await.len();
        if minute <= 20 {
            // Polls of one second share one question, so this one is repeated until it is asked.
            wait_for("Nexi is asked", SOON, async || {
                answers.push(world.completes(&payment).await);
                (retrieves(&world, &payment).await.len() > before).then_some(())
            })
            .await;
        } else {
            answers.push(world.completes(&payment).await);
        }
    }
    assert!(answers.iter().all(|answer| answer["status"] == "pending"));
    let asked = retrieves(&world, &payment).await;
    assert!((20..=25).contains(&asked.len()), "{} times", asked.len());
    assert!(asked.iter().all(|status| *status == 200), "{asked:?}");

    // The hour is not over, and the webhook is believed only because Nexi is asked.
    world.payer_approves(&payment).await;
    world.becomes(&payment, "success", SOON).await;

    assert!(
        retrieves(&world, &payment)
            .await
            .iter()
            .all(|status| *status == 200)
    );
    world.ends().await;
}
