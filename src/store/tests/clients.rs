//! Clients: what `apply` replaces, revokes and closes, and what the database never shows.

use mcpay_port::{AccountId, Money, Period, PeriodUnit};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::on_both_databases;
use super::world::{World, client_change, new_account, nok, open};
use crate::catalogue::Coupon;
use crate::clients::ports::{ClientChange, ClientStore as _};
use crate::clients::{CapturePolicy, StoredClient};
use crate::ports::StoreError;
use crate::signing::{SigningAlgorithm, SigningKeyConfig};

const SECRETS: [&str; 2] = ["signing-secret-0123456789", "provider-token-0123456789"];

fn key(kid: &str, material: &str) -> SigningKeyConfig {
    SigningKeyConfig {
        kid: kid.to_owned(),
        algorithm: SigningAlgorithm::HS512,
        material: SecretString::from(material),
    }
}

fn coupon(number: i64, period: Option<Period>, start_price: Option<Money>) -> Coupon {
    Coupon {
        code: "TOTT".to_owned(),
        number,
        product: "TOTT".to_owned(),
        description: "Digital subscription, monthly".to_owned(),
        price: nok(34_900),
        start_price,
        vat_percent: "25.5".parse().unwrap(),
        period,
        valid_from: Some(chrono::DateTime::UNIX_EPOCH),
        valid_until: None,
    }
}

fn account_id() -> AccountId {
    AccountId(Uuid::new_v4())
}

fn full() -> ClientChange {
    let months = Period {
        length: 1,
        unit: PeriodUnit::Months,
    };
    let mut change = client_change("no.example");
    change.signing_keys = vec![key("2026-11", SECRETS[0]), key("2026-12", "another")];
    change.accounts = vec![new_account(
        account_id(),
        &json!({ "token": SECRETS[1], "id": 1 }),
    )];
    change.coupons = vec![
        coupon(1, Some(months), Some(nok(100))),
        coupon(2, None, None),
    ];
    change
}

async fn only_client(world: &World) -> StoredClient {
    let mut all = world.store.load_clients().await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

on_both_databases! {
    async fn a_client_comes_back_as_it_was_saved(world: World) {
        let change = full();
        world.store.save_client(&change).await.unwrap();
        let found = only_client(&world).await;
        assert_eq!(found.client, change.client);
        assert_eq!(found.coupons, change.coupons);
        let keys: Vec<_> = found.signing_keys.iter().map(|key| key.kid.as_str()).collect();
        assert_eq!(keys, ["2026-11", "2026-12"]);
        assert_eq!(found.signing_keys[0].material.expose_secret(), SECRETS[0]);
        let (account, wanted) = (&found.accounts[0], &change.accounts[0]);
        assert_eq!(found.accounts.len(), 1);
        assert!(account.current);
        assert_eq!(account.account.id, wanted.id);
        assert_eq!(
            account.account.settings.expose_json(),
            wanted.config.settings.expose_json()
        );
        assert_eq!(
            account.callback_secret.expose_secret(),
            wanted.callback_secret.expose_secret()
        );
    }

    async fn what_the_file_has_no_more_is_revoked_or_closed_and_may_come_back(world: World) {
        let mut change = full();
        world.store.save_client(&change).await.unwrap();
        let (gone_key, gone_coupon) = (change.signing_keys.remove(0), change.coupons.remove(0));
        change.client.capture = CapturePolicy::Immediate;
        change.client.terms_url = None;
        world.store.save_client(&change).await.unwrap();
        let found = only_client(&world).await;
        assert_eq!(found.client, change.client);
        assert_eq!(found.signing_keys.len(), 1);
        assert_eq!(found.signing_keys[0].kid, "2026-12");
        assert_eq!(found.coupons, change.coupons);

        change.signing_keys.push(gone_key);
        change.coupons.insert(0, gone_coupon);
        world.store.save_client(&change).await.unwrap();
        let found = only_client(&world).await;
        assert_eq!(found.signing_keys.len(), 2);
        assert_eq!(found.coupons, change.coupons);
    }

    async fn an_account_gets_a_new_version_only_when_its_settings_change(world: World) {
        let first = full();
        world.store.save_client(&first).await.unwrap();
        let mut change = first.clone();
        // The same settings in another order.
        let same = format!(r#"{{ "token": "{}",  "id": 1 }}"#, SECRETS[1]);
        change.accounts = vec![new_account(account_id(), &serde_json::from_str(&same).unwrap())];
        world.store.save_client(&change).await.unwrap();
        assert_eq!(only_client(&world).await.accounts.len(), 1);

        change.accounts = vec![new_account(account_id(), &json!({ "token": "new", "id": 1 }))];
        world.store.save_client(&change).await.unwrap();
        let accounts = only_client(&world).await.accounts;
        assert_eq!(accounts.len(), 2);
        let current: Vec<_> = accounts.iter().filter(|account| account.current).collect();
        assert_eq!(current.len(), 1);
        assert_eq!(current[0].account.id, change.accounts[0].id);
        let secret = first.accounts[0].callback_secret.expose_secret();
        assert!(accounts.iter().all(|account| account.callback_secret.expose_secret() == secret));

        change.accounts.clear();
        world.store.save_client(&change).await.unwrap();
        let accounts = only_client(&world).await.accounts;
        assert!(accounts.len() == 2 && accounts.iter().all(|account| !account.current));

        change.accounts = vec![new_account(account_id(), &json!({ "token": "new", "id": 1 }))];
        world.store.save_client(&change).await.unwrap();
        let accounts = only_client(&world).await.accounts;
        assert_eq!(accounts.iter().filter(|account| account.current).count(), 1);
        assert!(accounts.iter().all(|account| account.callback_secret.expose_secret() == secret));
    }

    async fn the_revision_counts_every_change(world: World) {
        assert_eq!(world.store.get_clients_revision().await, Ok(0));
        world.store.save_client(&full()).await.unwrap();
        assert_eq!(world.store.get_clients_revision().await, Ok(1));
        let saves = (0..8).map(|at| {
            let (store, change) = (world.store.clone(), client_change(&format!("no.{at}")));
            tokio::spawn(async move { store.save_client(&change).await.unwrap() })
        });
        for save in futures_util::future::join_all(saves).await {
            save.unwrap();
        }
        assert_eq!(world.store.get_clients_revision().await, Ok(9));
        assert_eq!(world.store.load_clients().await.unwrap().len(), 9);
    }

    async fn another_master_key_opens_nothing_and_says_so(world: World) {
        world.store.save_client(&full()).await.unwrap();
        let error = open(&world.url, 2).load_clients().await.unwrap_err();
        let StoreError::Broken(why) = error else {
            panic!("{error:?}");
        };
        assert!(why.contains("cannot be opened with this master key"), "{why}");
        assert!(SECRETS.iter().all(|secret| !why.contains(secret)));
    }

    async fn a_secret_moved_to_another_row_does_not_open(world: World) {
        world.store.save_client(&full()).await.unwrap();
        world
            .sql(
                "UPDATE signing_keys SET material = \
                 (SELECT material FROM signing_keys WHERE kid = '2026-11') WHERE kid = '2026-12'",
            )
            .await;
        let refused = world.store.load_clients().await;
        assert!(matches!(refused, Err(StoreError::Broken(_))));
    }
}

#[test]
fn no_secret_stands_in_the_file_of_the_database() {
    World::on_sqlite(|world| async move {
        world.store.save_client(&full()).await.unwrap();
        let path = world.url.trim_start_matches("sqlite://");
        let path = path.split('?').next().unwrap();
        let mut bytes = std::fs::read(path).unwrap();
        bytes.extend(std::fs::read(format!("{path}-wal")).unwrap());
        let holds = |text: &str| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        assert!(holds("Demo newspaper"), "the search itself works");
        for secret in SECRETS {
            assert!(!holds(secret), "{secret}");
        }
    });
}
