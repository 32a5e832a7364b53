//! Webhooks prove themselves by the signature of their registration, and are hints all the same: what
//! is forged, replayed, dated anew or altered changes nothing.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use secrecy::ExposeSecret as _;
use serde_json::json;
use uuid::Uuid;

use super::stage::{Webhook, one_time};
use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, Wish, World};

/// Rightly formed, and about a payment that was never begun here.
const NOBODYS: &str = r#"{"reference":"019a8d4e-7b7c-7d3e-8f00-0123456789ab","name":"AUTHORIZED"}"#;

/// No timer looks by itself: what happens is the webhook's doing.
fn webhooks_alone() -> Wish {
    Wish {
        without_jobs: true,
        ..Wish::default()
    }
}

/// A payment that the payer has approved and of which nobody has told.
async fn has_approved_in_silence(world: &World) -> StartedPayment {
    world.built.app.payments.keep_registered().await;
    world
        .provider_behaves(json!({ "dropCallbacks": true }))
        .await;
    let payment = world.starts(one_time()).await;
    world.payer_approves(&payment).await;
    payment
}

on_both_databases! {
    with webhooks_alone();

    async fn a_signed_webhook_is_taken_with_an_empty_200_and_asked_about(world) {
        let payment = has_approved_in_silence(world).await;
        let registration = world.is_registered().await;
        assert_eq!(world.status(&payment).await["status"], "pending");

        let answer = world.sends_webhook(&Webhook::about(&payment, &registration)).await.expect(200);

        assert_eq!(answer.text, "");
        world.becomes(&payment, "success", Duration::from_secs(5)).await;
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.authorized"]);
    }

    async fn what_is_forged_altered_or_dated_anew_gets_one_identical_404_and_asks_nobody(world) {
        let payment = has_approved_in_silence(world).await;
        let registration = world.is_registered().await;
        let right = Webhook::about(&payment, &registration);
        let secret = registration.registered.as_ref().unwrap().secret.expose_secret();
        let old = Utc::now() - TimeDelta::days(9);
        let ahead = Utc::now() + TimeDelta::minutes(10);
        let forged = [
            Webhook { authorization: String::new(), ..right.clone() },
            Webhook { authorization: right.authorization.replace('S', "s"), ..right.clone() },
            Webhook { body: right.body.replace("34900", "1"), ..right.clone() },
            Webhook { date: (Utc::now() - TimeDelta::hours(1)).to_rfc2822(), ..right.clone() },
            Webhook { path: format!("/callbacks/vipps/{}", Uuid::new_v4()), ..right.clone() },
            Webhook { path: format!("/callbacks/vipps/{}", payment.reference), ..right.clone() },
            Webhook { path: right.path.replace("vipps", "nexi"), ..right.clone() },
            Webhook { path: format!("{}/x", right.path), ..right.clone() },
            Webhook::signed(&registration, "not the secret", &right.body, Utc::now()),
            Webhook::signed(&registration, secret, &right.body, old),
            Webhook::signed(&registration, secret, &right.body, ahead),
        ];
        let mut first = None;
        for webhook in forged {
            let mut problem = world.sends_webhook(&webhook).await.problem(404);
            problem.as_object_mut().unwrap().remove("requestId");
            assert_eq!(first.get_or_insert(problem.clone()), &problem, "{}", webhook.path);
        }
        assert_eq!(world.provider_saw(&payment.reference).await, ["initiate"], "nobody was asked");
        assert_eq!(world.status(&payment).await["status"], "pending");
    }

    async fn a_replayed_webhook_costs_few_inquiries_and_tells_nothing_twice(world) {
        let payment = has_approved_in_silence(world).await;
        let webhook = Webhook::about(&payment, &world.is_registered().await);
        let began = Instant::now();

        let answers = join_all((0..50).map(|_| world.sends_webhook(&webhook))).await;

        assert!(answers.iter().all(|answer| answer.status == 200));
        world.becomes(&payment, "success", Duration::from_secs(5)).await;
        join_all((0..50).map(|_| world.sends_webhook(&webhook))).await;
        wait_for("the hints are worked off", Duration::from_secs(10), async || {
            world.built.background.is_empty().then_some(())
        })
        .await;
        let asked = world.count_calls(&payment.reference, "inquire").await;
        let seconds = usize::try_from(began.elapsed().as_secs()).unwrap();
        assert!(asked <= 2 + seconds, "{asked} in {seconds} s");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.authorized"]);
    }

    async fn a_webhook_that_lies_about_the_payment_is_not_believed(world) {
        world.built.app.payments.keep_registered().await;
        let payment = world.starts(one_time()).await;
        let registration = world.is_registered().await;

        world.sends_webhook(&Webhook::about(&payment, &registration)).await.expect(200);

        world.provider_sees(&payment.reference, "inquire", 1).await;
        assert_eq!(world.completes(&payment).await["status"], "pending");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated"]);
    }

    async fn what_is_signed_and_about_nothing_of_ours_is_taken_and_forgotten(world) {
        world.built.app.payments.keep_registered().await;
        let registration = world.is_registered().await;
        let secret = registration.registered.as_ref().unwrap().secret.expose_secret();
        for body in [r#"{"reference":"somebody-elses-1","name":"CREATED"}"#, NOBODYS, "{}", "x"] {
            let webhook = Webhook::signed(&registration, secret, body, Utc::now());
            world.sends_webhook(&webhook).await.expect(200);
        }
    }

    async fn what_is_signed_for_another_account_is_taken_and_asks_nobody(world) {
        world.built.app.payments.keep_registered().await;
        let registration = world.is_registered().await;
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        let other = world.starts(json!({})).await;
        world.payer_approves(&other).await;

        world.sends_webhook(&Webhook::about(&other, &registration)).await.expect(200);

        wait_for("nothing is worked on", Duration::from_secs(10), async || {
            world.built.background.is_empty().then_some(())
        })
        .await;
        assert_eq!(world.status(&other).await["status"], "pending");
        assert_eq!(world.provider_saw(&other.reference).await, ["initiate"]);
    }
}
