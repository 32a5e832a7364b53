//! The service registers its webhooks by itself: once for each account and public URL, whoever else
//! tries at the same time, and mends what is missing.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use mcpay::payments::register::Registered;
use mcpay::payments::registration::{RegistrationId, RegistrationStore as _, StoredRegistration};
use mcpay::ports::Clock as _;
use mcpay::wiring::providers;
use mcpay_port::{ProviderId, Registration};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::stage::{SOON, one_time};
use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::{Wish, World};

fn by_hand() -> Wish {
    Wish {
        without_jobs: true,
        ..Wish::default()
    }
}

async fn registers(world: &World) -> Registered {
    let account = world.vipps_account();
    let payments = &world.built.app.payments;
    payments.register(&account).await.expect("it is registered")
}

/// Registers an address at the provider of which the service knows nothing.
async fn somebody_registers(world: &World, url: &str) -> String {
    let adapter = Arc::clone(&providers(&world.http)[&ProviderId::Vipps]);
    let webhooks = adapter.webhooks().unwrap();
    let account = world.vipps_account();
    let url = Url::parse(url).unwrap();
    webhooks.register(&account.account, &url).await.unwrap().id
}

/// As a former version of the service has registered it: for these events alone.
async fn somebody_registers_for(world: &World, url: &Url, events: &[&str]) -> Registration {
    let settings: Value = world.vipps_account().account.settings.read().unwrap();
    let text = |name: &str| settings[name].as_str().unwrap().to_owned();
    let api = |path: &str| world.url(&format!("/sandbox/vipps/{path}"));
    let keyed = |request: RequestBuilder| {
        request
            .header("ocp-apim-subscription-key", text("subscription_key"))
            .header("merchant-serial-number", text("merchant_serial_number"))
    };
    let token = keyed(world.http.post(api("accesstoken/get")))
        .header("client_id", text("client_id"))
        .header("client_secret", text("client_secret"));
    let token = world.sends(token).await.expect(200).json();
    let registers = keyed(world.http.post(api("webhooks/v1/webhooks")))
        .bearer_auth(token["access_token"].as_str().unwrap())
        .json(&json!({ "url": url, "events": events }));
    let registered = world.sends(registers).await.expect(201).json();
    Registration {
        id: registered["id"].as_str().unwrap().to_owned(),
        url: url.clone(),
        secret: registered["secret"].as_str().unwrap().into(),
    }
}

/// The service's own registration, of a time when it knew of these events alone.
async fn is_registered_for(world: &World, id: RegistrationId, events: &[&str]) -> Registration {
    let url = world.url(&format!("/callbacks/vipps/{id}"));
    let registered = somebody_registers_for(world, &url, events).await;
    let claim = StoredRegistration {
        id,
        account: world.vipps_account().account.id,
        public_url: world.base.clone(),
        url,
        created_at: world.clock.now(),
        registered: None,
    };
    let store = &world.built.store;
    assert_eq!(store.claim_registration(&claim, None).await, Ok(true));
    assert_eq!(store.finish_registration(id, &registered).await, Ok(true));
    registered
}

on_both_databases! {
    with by_hand();

    async fn an_account_is_registered_once_and_kept(world) {
        assert_eq!(registers(world).await, Registered::Made);
        assert_eq!(registers(world).await, Registered::Kept);

        let stored = world.stored_registration().await.unwrap();
        assert_eq!(stored.url, world.url(&format!("/callbacks/vipps/{}", stored.id)));
        let listed = world.listed_at_provider().await;
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert_eq!(listed[0].url, stored.url.as_str());
        assert_eq!(listed[0].id, stored.registered.unwrap().id);
    }

    async fn of_those_that_race_one_registers(world) {
        let outcomes = join_all((0..8).map(|_| registers(world))).await;
        let made = outcomes.iter().filter(|how| **how == Registered::Made).count();
        assert_eq!(made, 1, "{outcomes:?}");
        assert_eq!(world.listed_at_provider().await.len(), 1);
    }

    async fn what_the_provider_has_dropped_is_registered_anew(world) {
        registers(world).await;
        let first = world.stored_registration().await.unwrap();
        world.provider_forgets(&first.registered.unwrap().id).await;

        assert_eq!(registers(world).await, Registered::Made);

        let second = world.stored_registration().await.unwrap();
        assert_ne!(second.id, first.id, "an address is used once");
        assert_eq!(world.listed_at_provider().await.len(), 1);
    }

    async fn one_of_ours_whose_secret_is_lost_is_removed_and_another_s_is_left_alone(world) {
        let lost = format!("{}callbacks/vipps/{}", world.base, Uuid::new_v4());
        somebody_registers(world, &lost).await;
        let foreign = [
            "https://shop.example/hooks/vipps".to_owned(),
            format!("https://pay.example/callbacks/vipps/{}", Uuid::new_v4()),
        ];
        for url in &foreign {
            somebody_registers(world, url).await;
        }

        registers(world).await;

        let listed = world.listed_at_provider().await;
        let listed: Vec<&str> = listed.iter().map(|one| one.url.as_str()).collect();
        assert!(!listed.contains(&lost.as_str()), "{listed:?}");
        assert!(foreign.iter().all(|url| listed.contains(&url.as_str())), "{listed:?}");
        assert_eq!(listed.len(), 3);
    }

    async fn the_claim_of_one_that_died_is_taken_over_after_a_minute(world) {
        let id = RegistrationId(Uuid::new_v4());
        let claim = StoredRegistration {
            id,
            account: world.vipps_account().account.id,
            public_url: world.base.clone(),
            url: world.url(&format!("/callbacks/vipps/{id}")),
            created_at: world.clock.now(),
            registered: None,
        };
        assert_eq!(world.built.store.claim_registration(&claim, None).await, Ok(true));
        // It had come as far as the provider.
        somebody_registers(world, claim.url.as_str()).await;

        assert_eq!(registers(world).await, Registered::InProgress);
        world.clock.advance(TimeDelta::seconds(61));
        assert_eq!(registers(world).await, Registered::Made);
        registers(world).await;

        let listed = world.listed_at_provider().await;
        let stored = world.stored_registration().await.unwrap();
        assert_eq!(listed.len(), 1, "and the dead one's is gone: {listed:?}");
        assert_eq!(listed[0].url, stored.url.as_str());
    }

    async fn one_that_does_not_hear_of_everything_is_replaced(world) {
        let id = RegistrationId(Uuid::new_v4());
        is_registered_for(world, id, &["epayments.payment.captured.v1"]).await;

        assert_eq!(registers(world).await, Registered::Made);

        let stored = world.stored_registration().await.unwrap();
        let listed = world.listed_at_provider().await;
        assert_eq!(listed.len(), 1, "the old one is gone: {listed:?}");
        assert_eq!(listed[0].id, stored.registered.unwrap().id);
        assert_eq!(registers(world).await, Registered::Kept);
    }

    async fn one_that_cannot_be_replaced_yet_stays(world) {
        let id = RegistrationId(Uuid::new_v4());
        let old = is_registered_for(world, id, &["epayments.payment.captured.v1"]).await;
        for at in 0..24 {
            somebody_registers(world, &format!("https://shop.example/{at}")).await;
        }

        let payments = &world.built.app.payments;
        assert!(payments.register(&world.vipps_account()).await.is_err(), "there is no room");

        let stored = world.stored_registration().await.unwrap();
        assert_eq!(stored.registered.map(|kept| kept.id), Some(old.id), "better than none");
    }

    async fn an_account_with_25_registrations_gets_one_when_there_is_room_again(world) {
        let mut foreign = Vec::new();
        for at in 0..25 {
            foreign.push(somebody_registers(world, &format!("https://shop.example/{at}")).await);
        }
        let payments = &world.built.app.payments;
        payments.keep_registered().await;
        assert!(world.stored_registration().await.is_none());

        world.provider_forgets(&foreign[0]).await;
        world.clock.advance(TimeDelta::hours(25));
        payments.keep_registered().await;

        assert!(world.stored_registration().await.unwrap().registered.is_some());
    }

    async fn the_secret_is_masked(world) {
        registers(world).await;
        let stored = world.stored_registration().await.unwrap();
        assert!(!format!("{stored:?}").contains(secret_of(&stored)));
    }
}

fn secret_of(stored: &StoredRegistration) -> &str {
    use secrecy::ExposeSecret as _;
    stored.registered.as_ref().unwrap().secret.expose_secret()
}

mod in_a_running_service {
    use super::*;

    on_both_databases! {
        async fn a_new_version_of_the_account_is_registered_and_the_old_one_kept_for_its_payments(world) {
            let old = world.is_registered().await;
            let payment = world.starts(one_time()).await;

            world.vipps_account_changes(json!({ "userinfo_subscription_key": true })).await;

            let new = world.is_registered().await;
            assert_ne!((new.id, new.account), (old.id, old.account));
            assert_eq!(world.listed_at_provider().await.len(), 2);
            world.payer_approves(&payment).await;
            world.becomes(&payment, "success", SOON).await;
        }

        async fn a_version_that_nothing_is_heard_of_any_more_loses_its_registration(world) {
            let old = world.is_registered().await;
            world.vipps_account_changes(json!({ "userinfo_subscription_key": true })).await;
            world.is_registered().await;

            world.clock.advance(TimeDelta::hours(25));

            wait_for("the old one is gone", SOON, async || {
                let found = world.built.store.find_registration(old.id).await.unwrap();
                found.is_none().then_some(())
            })
            .await;
            assert_eq!(world.listed_at_provider().await.len(), 1);
        }
    }
}

mod at_an_address_that_the_provider_does_not_take {
    use super::*;

    fn unreachable() -> Wish {
        Wish {
            public_url: Some(Url::parse("http://pay.example.no").unwrap()),
            without_jobs: true,
            ..Wish::default()
        }
    }

    on_both_databases! {
        with unreachable();

        async fn nothing_is_stored_and_the_next_look_is_a_day_later(world) {
            let payments = &world.built.app.payments;
            let refused = payments.register(&world.vipps_account()).await.unwrap_err();
            assert!(refused.to_string().contains("it did not happen: Refused"), "{refused}");

            payments.keep_registered().await;

            assert!(world.stored_registration().await.is_none());
            assert!(world.listed_at_provider().await.is_empty());
        }
    }
}
