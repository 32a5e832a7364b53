//! The timer: what was lost on the way is found by asking, and what nobody finishes is closed
//! (CONTRACT 8.8).

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use crate::on_both_databases;
use crate::support::database::Database;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, Wish, World};

const SOON: Duration = Duration::from_secs(20);
/// The first wait of the timer and a bit.
const DUE: TimeDelta = TimeDelta::seconds(31);
/// The demo client's `pay_within` and a bit.
const TOO_LATE: TimeDelta = TimeDelta::minutes(61);

/// A payment of which no callback will tell.
async fn starts_unheard(world: &World) -> StartedPayment {
    world
        .provider_behaves(json!({ "dropCallbacks": true }))
        .await;
    world.starts_payment().await
}

/// Waits until the provider answered a question about this payment with an error.
async fn was_asked_in_vain(world: &World, payment: &StartedPayment, times: usize) {
    let path = format!("/sandbox/payex/_calls?reference={}", payment.reference);
    wait_for("the provider fails to answer", SOON, async || {
        let calls = world.get(&path).await.json();
        let failed = |call: &&serde_json::Value| call["status"] == 500;
        (calls.as_array().unwrap().iter().filter(failed).count() >= times).then_some(())
    })
    .await;
}

on_both_databases! {
    async fn a_lost_callback_and_a_vanished_browser_do_not_lose_the_payment(world) {
        let payment = starts_unheard(world).await;
        world.payer_approves(&payment).await;
        assert_eq!(world.status(&payment).await["status"], "pending", "nobody has told us");

        world.clock.advance(DUE);

        world.becomes(&payment, "success", SOON).await;
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized"]
        );
    }

    async fn a_payment_that_nobody_finishes_is_closed_at_the_provider(world) {
        let payment = world.starts_payment().await;

        world.clock.advance(TOO_LATE);

        let ended = world.becomes(&payment, "failure", SOON).await;
        assert_eq!(ended["reason"], "expired");
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.expired"]
        );
        assert_eq!(world.count_calls(&payment.reference, "cancel").await, 1);
        let path = format!("/sandbox/payex/_payer/{}", payment.reference);
        let late = world.post(&path, &json!({ "action": "approve" })).await;
        assert_eq!(late.status, 409, "the payer cannot pay any more: {}", late.text);
    }

    async fn a_declined_attempt_leaves_the_payment_open_until_its_time_is_over(world) {
        let payment = world.starts_payment().await;
        world.payer_declines(&payment).await;
        assert_eq!(world.completes(&payment).await["status"], "pending");

        world.clock.advance(TOO_LATE);

        assert_eq!(world.becomes(&payment, "failure", SOON).await["reason"], "expired");
    }

    async fn a_payer_who_pays_while_we_are_closing_wins(world) {
        let payment = starts_unheard(world).await;
        // The question is answered with pending, and before the close comes the payer pays.
        world.provider_behaves(json!({ "latencyMs": 1_000 })).await;
        world.clock.advance(TOO_LATE);
        world.provider_sees(&payment.reference, "inquire", 1).await;
        world.payer_approves(&payment).await;

        world.becomes(&payment, "success", SOON).await;

        world.provider_behaves(json!({ "latencyMs": 0 })).await;
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized"]
        );
    }

    async fn failure_is_told_only_when_the_provider_says_so(world) {
        let payment = world.starts_payment().await;
        world.provider_behaves(json!({ "failRate": 1 })).await;

        world.clock.advance(TOO_LATE);
        was_asked_in_vain(world, &payment, 3).await;

        assert_eq!(world.status(&payment).await["status"], "pending");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated"]);
        world.provider_behaves(json!({ "failRate": 0 })).await;
        world.clock.advance(TimeDelta::minutes(16));
        assert_eq!(world.becomes(&payment, "failure", SOON).await["reason"], "expired");
    }

    async fn a_provider_that_is_down_for_a_while_costs_no_payment(world) {
        let payment = starts_unheard(world).await;
        world.payer_approves(&payment).await;
        world.provider_behaves(json!({ "failRate": 1 })).await;
        world.clock.advance(DUE);
        was_asked_in_vain(world, &payment, 1).await;
        world.clock.advance(TimeDelta::seconds(11));
        was_asked_in_vain(world, &payment, 2).await;
        assert_eq!(world.status(&payment).await["status"], "pending");

        world.provider_behaves(json!({ "failRate": 0 })).await;
        world.clock.advance(TimeDelta::seconds(21));

        world.becomes(&payment, "success", SOON).await;
    }

    async fn finished_payments_are_left_alone(world) {
        let paid = world.starts_payment().await;
        let given_up = world.starts_payment().await;
        world.payer_approves(&paid).await;
        world.payer_cancels(&given_up).await;
        world.becomes(&paid, "success", SOON).await;
        world.comes_back(&given_up, "via=cancel").await.expect(303);
        assert_eq!(world.status(&given_up).await["status"], "failure");
        let seen = [
            world.provider_saw(&paid.reference).await,
            world.provider_saw(&given_up.reference).await,
        ];

        let witness = world.starts_payment().await;
        world.clock.advance(TimeDelta::hours(23));
        world.becomes(&witness, "failure", SOON).await;

        assert_eq!(
            [
                world.provider_saw(&paid.reference).await,
                world.provider_saw(&given_up.reference).await,
            ],
            seen
        );
    }
}

mod two_instances_ask_about_each_due_payment_once {
    use super::*;

    async fn told(database: Database) {
        let wish = Wish {
            without_jobs: true,
            ..Wish::default()
        };
        let world = World::with(database, wish).await;
        world
            .provider_behaves(json!({ "dropCallbacks": true }))
            .await;
        let mut payments = Vec::new();
        for _ in 0..30 {
            let payment = world.starts_payment().await;
            world.payer_approves(&payment).await;
            payments.push(payment);
        }
        world.clock.advance(DUE);

        let (one, two) = tokio::join!(world.another_instance(), world.another_instance());

        for payment in &payments {
            world.becomes(payment, "success", SOON).await;
            let seen = world.provider_saw(&payment.reference).await;
            assert_eq!(seen, ["initiate", "inquire"], "{}", payment.reference);
            assert_eq!(
                world.events_of(payment).await,
                ["payment.initiated", "payment.authorized"]
            );
        }
        one.ends().await;
        two.ends().await;
        world.ends().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn on_sqlite() {
        told(Database::sqlite()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn on_postgresql() {
        told(Database::postgres().await).await;
    }
}
