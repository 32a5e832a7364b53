//! Agreements that end at Vipps: the payer may stop one in the app at any time, and then it has ended
//! here as well, told once. Without a webhook the next charge finds out.

use std::time::Instant;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::stage::{SOON, Webhook, day, free_start, has_subscriber, subscription};
use crate::backend::merchant::{Merchant, payment_of};
use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, Wish, World};

/// A subscriber of whom no webhook has told, so that none is still to come.
async fn has_subscriber_in_silence(merchant: &Merchant<'_>) -> (StartedPayment, String) {
    let world = merchant.world;
    world.built.app.payments.keep_registered().await;
    world.is_registered().await;
    world
        .provider_behaves(json!({ "dropCallbacks": true }))
        .await;
    let first = world.starts(subscription()).await;
    world.payer_approves(&first).await;
    assert_eq!(world.completes(&first).await["status"], "success");
    merchant
        .does("capture", &first, json!({}))
        .await
        .expect(200);
    let agreement = merchant.reads(&first).await["agreementId"].clone();
    is_quiet(world).await;
    (first, agreement.as_str().expect("an agreement").to_owned())
}

/// How the merchant sees an agreement.
async fn status_of(merchant: &Merchant<'_>, agreement: &str) -> String {
    let read = merchant.gets(&format!("agreement/{agreement}")).await;
    let status = read.expect(200).json()["status"].clone();
    status.as_str().expect("a status").to_owned()
}

async fn has_ended(merchant: &Merchant<'_>, agreement: &str) {
    wait_for("the agreement is stopped", SOON, async || {
        (status_of(merchant, agreement).await == "stopped").then_some(())
    })
    .await;
}

/// What was told of the agreement that this payment opened, with the numbers of the events.
async fn told_of_agreement(world: &World, first: &StartedPayment) -> Vec<(String, i64)> {
    let told = world.event_bodies_of(first).await.into_iter();
    told.filter(|event| event.kind.starts_with("agreement."))
        .map(|event| (event.kind, event.sequence))
        .collect()
}

async fn is_told_once(world: &World, first: &StartedPayment) {
    let once = [("agreement.activated", 1), ("agreement.stopped", 2)];
    let told = told_of_agreement(world, first).await;
    let told: Vec<_> = told.iter().map(|(kind, at)| (kind.as_str(), *at)).collect();
    assert_eq!(told, once);
}

/// Nobody works on anything any more.
async fn is_quiet(world: &World) {
    wait_for("the hints are worked off", SOON, async || {
        world.built.background.is_empty().then_some(())
    })
    .await;
}

on_both_databases! {
    async fn a_payer_who_stops_in_the_app_ends_the_agreement(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = has_subscriber(&merchant).await;

        world.payer_stops_at_vipps(&first).await;

        has_ended(&merchant, &agreement).await;
        is_told_once(world, &first).await;
        let problem = merchant.charges(&agreement, json!({})).await.problem(409);
        assert_eq!(problem["code"], "state_conflict");
        assert_eq!(merchant.reads(&first).await["capturedAmount"], "1.00", "what was taken stays");
        // Whoever then stops it here is told that it is.
        merchant.asks(&format!("agreement/{agreement}/stop"), &json!({})).await.expect(200);
        is_told_once(world, &first).await;
    }

    async fn one_that_was_only_registered_ends_as_well(world) {
        let merchant = Merchant::of(world).await;
        world.is_registered().await;
        let first = world.starts(free_start()).await;
        world.payer_approves(&first).await;
        world.becomes(&first, "success", SOON).await;
        let agreement = merchant.reads(&first).await["agreementId"].as_str().unwrap().to_owned();

        world.payer_stops_at_vipps(&first).await;

        has_ended(&merchant, &agreement).await;
        is_told_once(world, &first).await;
        assert_eq!(world.status(&first).await["status"], "success", "it was registered all the same");
    }

    async fn a_charge_that_vipps_keeps_until_its_day_ends_as_vipps_says(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = has_subscriber(&merchant).await;
        let due = json!({ "dueDate": day(world, 3) });
        let charge = payment_of(&merchant.charges(&agreement, due).await.expect(202).json());

        world.payer_stops_at_vipps(&first).await;

        has_ended(&merchant, &agreement).await;
        let ended = world.becomes(&charge, "failure", SOON).await;
        assert_eq!(ended["reason"], "cancel");
        assert_eq!(world.events_of(&charge).await, ["payment.initiated", "payment.cancelled"]);
        is_told_once(world, &first).await;
    }

    async fn when_no_webhook_tells_the_next_charges_find_out_and_it_is_told_once(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = has_subscriber_in_silence(&merchant).await;
        world.payer_stops_at_vipps(&first).await;
        assert_eq!(status_of(&merchant, &agreement).await, "active", "nobody has told");

        let charges = join_all((0..3).map(|_| merchant.charges(&agreement, json!({})))).await;

        let mut declined = 0;
        for charge in charges {
            if charge.status == 409 {
                continue; // another was faster
            }
            let charge = charge.expect(200).json();
            assert_eq!(charge["status"], "failure");
            let read = merchant.reads(&payment_of(&charge)).await;
            assert_eq!((&read["reason"], &read["capturedAmount"]), (&json!("declined"), &json!("0.00")));
            declined += 1;
        }
        assert!(declined > 0, "one at least was asked for");
        assert_eq!(status_of(&merchant, &agreement).await, "stopped", "as soon as one is answered");
        is_told_once(world, &first).await;
        let problem = merchant.charges(&agreement, json!({})).await.problem(409);
        assert_eq!(problem["code"], "state_conflict");
    }

    async fn a_stop_of_ours_that_races_with_the_payers_is_told_once(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = has_subscriber(&merchant).await;
        // The webhook comes to this instance, and the stop of ours to another one.
        let instance = world.another_instance().await;
        let elsewhere = Merchant {
            world,
            backend: merchant.backend.calling(instance.base()),
        };
        let stop = format!("agreement/{agreement}/stop");
        let body = json!({});

        let (ours, other, ()) = futures_util::join!(
            elsewhere.asks(&stop, &body),
            merchant.asks(&stop, &body),
            async {
                let path = format!("/sandbox/vipps/_payer/{}", first.reference);
                // Refused when a stop of ours was first.
                world.post(&path, &json!({ "action": "cancel" })).await;
            },
        );

        assert_eq!((ours.status, other.status), (200, 200));
        has_ended(&merchant, &agreement).await;
        is_quiet(world).await;
        instance.ends().await;
        is_told_once(world, &first).await;
    }
}

mod when_only_webhooks_tell {
    use super::*;

    /// No timer looks by itself: what happens is the webhook's doing.
    fn webhooks_alone() -> Wish {
        Wish {
            without_jobs: true,
            ..Wish::default()
        }
    }

    on_both_databases! {
        with webhooks_alone();

        async fn one_that_is_replayed_ten_times_tells_once_and_costs_an_inquiry_a_second_at_most(world) {
            let merchant = Merchant::of(world).await;
            let (first, agreement) = has_subscriber_in_silence(&merchant).await;
            world.payer_stops_at_vipps(&first).await;
            let webhook = Webhook::stopped(&first, &world.is_registered().await);
            let before = world.count_calls(&first.reference, "inquire").await;
            let began = Instant::now();

            for _ in 0..2 {
                let answers = join_all((0..5).map(|_| world.sends_webhook(&webhook))).await;
                assert!(answers.iter().all(|answer| answer.status == 200));
                has_ended(&merchant, &agreement).await;
                is_quiet(world).await;
            }

            let asked = world.count_calls(&first.reference, "inquire").await - before;
            let seconds = usize::try_from(began.elapsed().as_secs()).unwrap();
            // The agreement and its first charge are read for each.
            assert!(asked <= 2 * (2 + seconds), "{asked} in {seconds} s");
            is_told_once(world, &first).await;
            let stored = world.stored(&first).await;
            assert_eq!(stored.inquire_at, None, "nothing is left to ask");
            assert_eq!(merchant.reads(&first).await["state"], "captured");
        }

        async fn one_that_lies_about_an_agreement_ends_nothing(world) {
            let merchant = Merchant::of(world).await;
            let (first, agreement) = has_subscriber_in_silence(&merchant).await;
            let before = world.count_calls(&first.reference, "inquire").await;

            let webhook = Webhook::stopped(&first, &world.is_registered().await);
            world.sends_webhook(&webhook).await.expect(200);

            world.provider_sees(&first.reference, "inquire", before + 1).await;
            is_quiet(world).await;
            assert_eq!(status_of(&merchant, &agreement).await, "active");
            let told = told_of_agreement(world, &first).await;
            assert_eq!(told, [("agreement.activated".to_owned(), 1)]);
        }

        async fn one_that_comes_while_vipps_does_not_answer_is_worked_on_later(world) {
            let merchant = Merchant::of(world).await;
            let (first, agreement) = has_subscriber_in_silence(&merchant).await;
            world.payer_stops_at_vipps(&first).await;
            world.provider_behaves(json!({ "failRate": 1 })).await;
            let webhook = Webhook::stopped(&first, &world.is_registered().await);
            world.sends_webhook(&webhook).await.expect(200);
            is_quiet(world).await;
            assert_eq!(status_of(&merchant, &agreement).await, "active");
            world.provider_behaves(json!({ "failRate": 0 })).await;

            world.clock.advance(TimeDelta::minutes(2));
            world.built.app.payments.reconcile().await.expect("the store");

            has_ended(&merchant, &agreement).await;
            is_told_once(world, &first).await;
        }
    }
}
