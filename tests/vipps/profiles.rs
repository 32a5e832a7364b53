//! Who paid: told by the provider some seconds after the approval, kept for the merchant's backend, and
//! dropped when the payer's permission ends.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use mcpay::payments::profile::ProfileStore as _;
use serde_json::{Value, json};

use super::stage::{SOON, one_time, subscription, with};
use crate::backend::merchant::Merchant;
use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

const STRANGER: &str = "no.stranger.paper";

fn scoped(claims: Value) -> Value {
    with(claims, &json!({ "paymentScope": "name email birthDate" }))
}

/// The query of the provider's return address.
async fn key_of(world: &World, payment: &StartedPayment) -> String {
    format!("k={}", world.stored(payment).await.return_key.0)
}

/// The payer's name in the address at the shop, after the browser came back with `query`.
async fn sub_at_shop(world: &World, payment: &StartedPayment, query: &str) -> Option<String> {
    let back = world
        .comes_back(payment, query)
        .await
        .expect(303)
        .location();
    let found = back.query_pairs().find(|(name, _)| name == "sub");
    found.map(|(_, sub)| sub.into_owned())
}

/// Waits until the merchant's backend is told the payer's name.
async fn told_profile(merchant: &Merchant<'_>, payment: &StartedPayment) -> Value {
    wait_for("the profile is fetched", SOON, async || {
        let read = merchant.reads(payment).await;
        read["profile"]["name"]
            .is_string()
            .then(|| read["profile"].clone())
    })
    .await
}

on_both_databases! {
    async fn the_browser_brings_sub_to_the_shop_and_the_backend_reads_the_profile(world) {
        let merchant = Merchant::of(world).await;
        world.is_registered().await;
        for claims in [one_time(), subscription()] {
            let payment = world.starts(scoped(claims)).await;
            let key = key_of(world, &payment).await;
            world.payer_approves(&payment).await;

            let sub = sub_at_shop(world, &payment, &key).await.expect("it was waited for");

            let profile = told_profile(&merchant, &payment).await;
            assert_eq!(profile["sub"], sub.as_str());
            assert_eq!(
                (&profile["name"], &profile["email"], &profile["birthdate"]),
                (&json!("Ada Lovelace"), &json!("user@example.com"), &json!("1815-12-10"))
            );
            wait_for("nothing is left to ask", SOON, async || {
                world.stored(&payment).await.inquire_at.is_none().then_some(())
            })
            .await;
        }
    }

    async fn without_the_key_no_name_is_told(world) {
        world.vipps_rules(json!({ "subDelaySeconds": 0 })).await;
        let payment = world.starts(scoped(one_time())).await;
        let key = key_of(world, &payment).await;
        world.payer_approves(&payment).await;
        for query in ["", "k=", "k=00000000000000000000000000000000", &key[..key.len() - 1]] {
            assert_eq!(sub_at_shop(world, &payment, query).await, None, "{query}");
        }
        assert!(sub_at_shop(world, &payment, &key).await.is_some());
    }

    async fn without_a_scope_there_is_no_name(world) {
        let merchant = Merchant::of(world).await;
        let payment = world.starts(one_time()).await;
        let key = key_of(world, &payment).await;
        world.payer_approves(&payment).await;
        assert_eq!(sub_at_shop(world, &payment, &key).await, None);
        assert!(merchant.reads(&payment).await.get("profile").is_none());
    }

    async fn a_browser_waits_no_longer_than_five_seconds_and_the_backend_learns_later(world) {
        let merchant = Merchant::of(world).await;
        world.vipps_rules(json!({ "subDelaySeconds": 600 })).await;
        let payment = world.starts(scoped(one_time())).await;
        let key = key_of(world, &payment).await;
        world.payer_approves(&payment).await;

        let began = Instant::now();
        assert_eq!(sub_at_shop(world, &payment, &key).await, None);
        let waited = began.elapsed();
        assert!(Duration::from_secs(4) < waited && waited < Duration::from_secs(8), "{waited:?}");
        assert!(merchant.reads(&payment).await.get("profile").is_none());

        world.time_passes_at_vipps(TimeDelta::minutes(11)).await;
        told_profile(&merchant, &payment).await;
    }

    async fn a_profile_that_is_not_told_at_first_is_fetched_later(world) {
        let merchant = Merchant::of(world).await;
        world.vipps_rules(json!({ "subDelaySeconds": 0 })).await;
        let payment = world.starts(scoped(one_time())).await;
        world.payer_approves(&payment).await;
        world.completes(&payment).await;
        let reference = payment.reference.parse().unwrap();
        world.provider_behaves(json!({ "failRate": 1 })).await;
        assert!(world.built.store.find_profile(reference).await.unwrap().is_some());
        assert!(merchant.reads(&payment).await["profile"]["sub"].is_string());

        world.provider_behaves(json!({ "failRate": 0 })).await;
        world.clock.advance(TimeDelta::minutes(16));

        told_profile(&merchant, &payment).await;
    }

    async fn it_is_dropped_168_hours_after_the_approval(world) {
        let merchant = Merchant::of(world).await;
        world.vipps_rules(json!({ "subDelaySeconds": 0 })).await;
        let payment = world.starts(scoped(one_time())).await;
        let key = key_of(world, &payment).await;
        world.payer_approves(&payment).await;
        world.completes(&payment).await;
        told_profile(&merchant, &payment).await;
        world.clock.advance(TimeDelta::hours(167));
        let merchant = Merchant::of(world).await;
        assert!(merchant.reads(&payment).await["profile"].is_object());

        world.clock.advance(TimeDelta::minutes(61));

        assert!(merchant.reads(&payment).await.get("profile").is_none());
        let reference = payment.reference.parse().unwrap();
        wait_for("the row is gone", SOON, async || {
            world.built.store.find_profile(reference).await.unwrap().is_none().then_some(())
        })
        .await;
        assert_eq!(sub_at_shop(world, &payment, &key).await, None);
    }

    async fn lists_and_events_and_strangers_are_told_nothing_of_the_payer(world) {
        let merchant = Merchant::of(world).await;
        world.vipps_rules(json!({ "subDelaySeconds": 0 })).await;
        let payment = world.starts(scoped(one_time())).await;
        world.payer_approves(&payment).await;
        world.completes(&payment).await;
        let profile = told_profile(&merchant, &payment).await;
        let stranger = ClientFile {
            client_code: STRANGER.to_owned(),
            oauth_secrets: vec!["a-secret-of-the-stranger-0123456789".to_owned()],
            ..world.client_file()
        };
        world.applies_at_once(&stranger).await;
        let stranger = world.backend_of(STRANGER, "a-secret-of-the-stranger-0123456789").await;

        let path = format!("/capi/v1/client/payment/{}", payment.reference);
        stranger.get(&path).await.problem(404);
        let told = [
            merchant.gets("payment").await.expect(200).text,
            merchant.gets("event").await.expect(200).text,
            world.status(&payment).await.to_string(),
            format!("{:?}", world.event_bodies_of(&payment).await),
        ];
        for text in told {
            for secret in [&profile["sub"], &profile["name"], &profile["email"]] {
                assert!(!text.contains(secret.as_str().unwrap()), "{text}");
            }
        }
    }
}
