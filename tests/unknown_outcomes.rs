//! A create whose answer never comes: nobody knows whether it happened, so it is never sent again,
//! and it is believed only when the provider itself shows our payment (CONTRACT 8.11).

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use mcpay::payments::ports::PaymentStore as _;
use serde_json::{Value, json};

use crate::support::client::Answer;
use crate::support::database::Database;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, Wish, World};

const SOON: Duration = Duration::from_secs(15);

/// Writes each test twice, in a world whose line to the provider can be broken.
macro_rules! with_a_line_on_both_databases {
    ($(async fn $name:ident($world:ident) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                async fn told($world: &World) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn on_sqlite() {
                    let world = world(Database::sqlite()).await;
                    told(&world).await;
                    world.ends().await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn on_postgresql() {
                    let world = world(Database::postgres().await).await;
                    told(&world).await;
                    world.ends().await;
                }
            }
        )+
    };
}

async fn world(database: Database) -> World {
    let wish = Wish {
        breakable_provider: true,
        ..Wish::default()
    };
    World::with(database, wish).await
}

/// A payment whose create reached the provider and whose answer was lost on the way back.
async fn starts_and_loses_the_answer(world: &World) -> (StartedPayment, Answer) {
    loses_the_answer_to(world, json!({})).await
}

/// The same for a payment whose claims differ by `changes` from the ordinary one.
pub async fn loses_the_answer_to(world: &World, changes: Value) -> (StartedPayment, Answer) {
    let before: Vec<String> = references(world).await;
    world.provider_behaves(json!({ "timeoutRate": 1 })).await;
    let claims = world.claims(changes);
    let breaking = async {
        let reference = wait_for("the payment is written", SOON, async || {
            let now = references(world).await;
            now.into_iter().find(|known| !before.contains(known))
        })
        .await;
        world.provider_sees(&reference, "initiate", 1).await;
        world.line().cut();
        reference
    };
    let (reference, answer) = tokio::join!(breaking, world.payment_init(&claims));
    world.provider_behaves(json!({ "timeoutRate": 0 })).await;
    let body = answer.problem(504);
    (
        StartedPayment {
            reference,
            answer: body,
        },
        answer,
    )
}

async fn references(world: &World) -> Vec<String> {
    let events = world.all_events().await.into_iter();
    events
        .filter(|event| event.kind == "payment.initiated")
        .map(|event| event.subject)
        .collect()
}

with_a_line_on_both_databases! {
    async fn a_lost_answer_is_told_as_unknown_and_the_create_is_not_sent_again(world) {
        let (payment, _) = starts_and_loses_the_answer(world).await;

        assert_eq!(payment.answer["code"], "outcome_unknown");
        assert_eq!(payment.answer["mcPayRef"], payment.reference.as_str());
        assert_eq!(world.status(&payment).await["status"], "pending");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.unknown"]);
        world.clock.advance(TimeDelta::seconds(30));
        assert_eq!(world.completes(&payment).await["status"], "pending");
        world.clock.advance(TimeDelta::seconds(60));
        world.becomes(&payment, "failure", SOON).await;
        assert_eq!(world.provider_saw(&payment.reference).await, ["initiate"]);
    }

    async fn the_provider_s_callback_brings_the_id_and_the_payment_succeeds(world) {
        let (payment, _) = starts_and_loses_the_answer(world).await;

        world.payer_approves(&payment).await;

        world.becomes(&payment, "success", SOON).await;
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.unknown", "payment.authorized"]
        );
        assert_eq!(world.count_calls(&payment.reference, "initiate").await, 1);
    }

    async fn another_payment_s_id_in_a_callback_with_the_right_key_is_not_believed(world) {
        let (payment, _) = starts_and_loses_the_answer(world).await;
        let other = world.starts_payment().await;
        let paid = world.payer_does(&other.reference, "approve").await;
        world.becomes(&other, "success", SOON).await;
        let asked = world.count_calls(&other.reference, "inquire").await;

        let forged = json!({ "paymentOrder": { "id": paid["id"], "number": 1 } });
        world.callback(&payment.reference, &forged).await.expect(200);

        // The order is looked at, as any hint is, and seen to be another's.
        world.provider_sees(&other.reference, "inquire", asked + 1).await;
        assert_eq!(world.completes(&payment).await["status"], "pending");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.unknown"]);
        assert_eq!(world.status(&other).await["status"], "success");

        world.payer_approves(&payment).await;
        world.becomes(&payment, "success", SOON).await;
    }

    async fn without_an_id_it_ends_after_a_minute(world) {
        let (payment, _) = starts_and_loses_the_answer(world).await;

        world.clock.advance(TimeDelta::seconds(61));

        let ended = world.becomes(&payment, "failure", SOON).await;
        assert_eq!(ended["reason"], "error");
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.unknown", "payment.failed"]
        );
    }

    async fn money_that_comes_after_the_end_is_given_back_at_once(world) {
        let (payment, _) = starts_and_loses_the_answer(world).await;
        world.clock.advance(TimeDelta::seconds(61));
        world.becomes(&payment, "failure", SOON).await;

        let order = world.payer_does(&payment.reference, "approve").await;
        assert_eq!(order["status"], "Paid", "the payer did pay");

        world.provider_sees(&payment.reference, "cancel", 1).await;
        let id = order["id"].as_str().unwrap();
        let released = world.order_at_provider(id).await;
        assert_eq!(released["status"], "Cancelled", "{released}");
        let told = wait_for("the release is told", SOON, async || {
            let events = world.event_bodies_of(&payment).await;
            events.into_iter().find(|event| event.kind == "payment.cancelled")
        })
        .await;
        assert_eq!(told.data["cancelledAmount"], "349.00");
        let status = world.status(&payment).await;
        assert_eq!((&status["status"], &status["reason"]), (&json!("failure"), &json!("error")));
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.unknown", "payment.failed", "payment.cancelled"]
        );
        assert_eq!(world.count_calls(&payment.reference, "cancel").await, 1);
        is_left_alone(world, &payment).await;
    }
}

/// Makes everything due that is still to be looked after, and waits until the timer has come by.
async fn the_timer_looks(world: &World) {
    let witness = world.starts_payment().await;
    world.clock.advance(TimeDelta::minutes(20));
    world.provider_sees(&witness.reference, "inquire", 1).await;
}

/// Nothing is left to ask about, however much time goes by.
async fn is_left_alone(world: &World, payment: &StartedPayment) {
    // The provider's callback about the release is the last hint that there can be.
    the_timer_looks(world).await;
    wait_for("the last hint is worked off", SOON, async || {
        let reference = payment.reference.parse().unwrap();
        let stored = world.built.store.find_payment(reference).await.unwrap();
        let is_idle = world.built.background.is_empty();
        (is_idle && stored.unwrap().inquire_at.is_none()).then_some(())
    })
    .await;
    let seen = world.provider_saw(&payment.reference).await;
    the_timer_looks(world).await;
    assert_eq!(world.provider_saw(&payment.reference).await, seen);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_that_never_comes_is_waited_for_ten_seconds_and_no_longer() {
    let world = World::on_sqlite().await;
    world.provider_behaves(json!({ "timeoutRate": 1 })).await;
    let began = Instant::now();

    let answer = world.payment_init(&world.claims(json!({}))).await;

    let body: Value = answer.problem(504);
    let waited = began.elapsed();
    assert_eq!(body["code"], "outcome_unknown");
    assert!((9..13).contains(&waited.as_secs()), "{waited:?}");
    let reference = body["mcPayRef"].as_str().unwrap();
    assert_eq!(world.provider_saw(reference).await, ["initiate"]);
    world.provider_behaves(json!({ "timeoutRate": 0 })).await;
    world.ends().await;
}
