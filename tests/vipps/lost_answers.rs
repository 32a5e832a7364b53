//! A create whose answer never came. It bears a key and our reference, so the provider is asked by
//! that; and what is not to be found there a minute later has not happened.

use chrono::TimeDelta;
use mcpay::payments::payment::Reason;
use mcpay::payments::ports::{Change, PaymentStore as _, Saved};
use mcpay::payments::state::give_up;
use mcpay::ports::Clock as _;
use serde_json::{Value, json};

use super::stage::{SOON, one_time, subscription};
use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

async fn references(world: &World) -> Vec<String> {
    let events = world.all_events().await.into_iter();
    events
        .filter(|event| event.kind == "payment.initiated")
        .map(|event| event.subject)
        .collect()
}

/// A payment whose create took effect, and whose answers were lost: the adapter's repetition too.
async fn starts_and_loses_the_answer(world: &World, claims: Value) -> StartedPayment {
    starts_while(world, json!({ "timeoutRate": 1 }), claims).await
}

/// A payment whose create never took effect, though nobody could tell.
async fn starts_into_the_void(world: &World, claims: Value) -> StartedPayment {
    starts_while(world, json!({ "failRate": 1 }), claims).await
}

async fn starts_while(world: &World, controls: Value, claims: Value) -> StartedPayment {
    // The access token is there already, so that it is the create that gets no answer.
    world.starts(one_time()).await;
    let before = references(world).await;
    world.provider_behaves(controls).await;
    let answer = world.payment_init(&world.claims(claims)).await;
    world
        .provider_behaves(json!({ "timeoutRate": 0, "failRate": 0 }))
        .await;
    assert_eq!(answer.problem(504)["code"], "outcome_unknown");
    let now = references(world).await;
    let new = now.into_iter().find(|known| !before.contains(known));
    StartedPayment {
        reference: new.expect("it was written"),
        answer: Value::Null,
    }
}

/// It ends for us before the provider could be asked.
async fn ends_as_error(world: &World, payment: &StartedPayment) {
    let stored = world.stored(payment).await;
    let ended = give_up(&stored, Reason::Error, world.clock.now());
    let saved = world.built.store.save(&Change::of(ended.payment)).await;
    assert_eq!(saved, Ok(Saved::Saved));
}

on_both_databases! {
    async fn an_approval_after_a_lost_answer_is_found_by_our_own_reference(world) {
        let payment = starts_and_loses_the_answer(world, one_time()).await;
        assert_eq!(world.status(&payment).await["status"], "pending");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.unknown"]);

        world.payer_approves(&payment).await;

        let done = world.completes(&payment).await;
        assert_eq!(done["status"], "success");
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.unknown", "payment.authorized"]
        );
    }

    async fn an_agreement_whose_draft_got_no_answer_is_found_by_its_webhook(world) {
        world.is_registered().await;
        let payment = starts_and_loses_the_answer(world, subscription()).await;

        world.payer_approves(&payment).await;

        world.becomes(&payment, "success", SOON).await;
        let events = world.events_of(&payment).await;
        assert_eq!(events.last().map(String::as_str), Some("agreement.activated"));
    }

    async fn what_the_provider_does_not_know_a_minute_later_has_failed(world) {
        let payment = starts_into_the_void(world, one_time()).await;
        assert_eq!(world.completes(&payment).await["status"], "pending", "it may still arrive");

        world.clock.advance(TimeDelta::seconds(62));

        let ended = world.becomes(&payment, "failure", SOON).await;
        assert_eq!(ended["reason"], "error");
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.unknown", "payment.failed"]
        );
        assert_eq!(world.stored(&payment).await.inquire_at, None, "nothing is left to ask");
    }

    async fn a_draft_that_the_provider_does_not_know_a_minute_later_has_failed_too(world) {
        world.vipps_rules(json!({ "rateLimits": false })).await;
        let payment = starts_into_the_void(world, subscription()).await;

        world.clock.advance(TimeDelta::seconds(62));

        assert_eq!(world.becomes(&payment, "failure", SOON).await["reason"], "error");
    }

    async fn money_that_turns_up_after_the_end_is_given_back(world) {
        world.is_registered().await;
        let payment = starts_and_loses_the_answer(world, one_time()).await;
        ends_as_error(world, &payment).await;

        world.payer_approves(&payment).await;

        world.provider_sees(&payment.reference, "cancel", 1).await;
        wait_for("the release is told", SOON, async || {
            let events = world.events_of(&payment).await;
            (events.last().map(String::as_str) == Some("payment.cancelled")).then_some(())
        })
        .await;
        assert_eq!(world.status(&payment).await["status"], "failure");
    }

    async fn an_unknown_payment_that_its_payer_gives_up_is_closed_by_our_reference(world) {
        let payment = starts_and_loses_the_answer(world, one_time()).await;
        let closed = world.cancels(&payment).await;
        assert_eq!((&closed["status"], &closed["reason"]), (&json!("failure"), &json!("cancel")));
    }
}
