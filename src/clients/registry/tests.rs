//! What the registry knows, and when it learns of a change.

use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mcpay_port::{Account, AccountId, AccountSettings, ProviderId};
use uuid::Uuid;

use super::*;
use crate::clients::apply_file::{ApplyOptions, ClientDraft, read_apply_file};
use crate::clients::ports::ClientChange;
use crate::signing::{SigningAlgorithm, SigningKeyConfig};

/// A store in memory: the smallest thing that keeps the port's promises for reading.
#[derive(Default)]
struct Shelf(Mutex<(i64, Vec<StoredClient>)>);

impl Shelf {
    fn put(&self, clients: Vec<StoredClient>) {
        let mut content = self.0.lock().unwrap();
        content.0 += 1;
        content.1 = clients;
    }
}

#[async_trait]
impl ClientStore for Shelf {
    async fn save_client(&self, _change: &ClientChange) -> Result<(), StoreError> {
        Err(StoreError::Broken("this store is only read".to_owned()))
    }

    async fn load_clients(&self) -> Result<Vec<StoredClient>, StoreError> {
        Ok(self.0.lock().unwrap().1.clone())
    }

    async fn get_clients_revision(&self) -> Result<i64, StoreError> {
        Ok(self.0.lock().unwrap().0)
    }
}

const SECRET: &str = "a-secret-of-a-client-0123456789abcdef";

fn draft(code: &str) -> ClientDraft {
    let text = format!(
        "[[client]]\nclient_code='{code}'\nname='A'\ncompany_code='A'\nmerchant_group='A'\n\
         country='NO'\ndefault_currency='NOK'\nallowed_origins=['https://shop.example']\n"
    );
    let options = ApplyOptions {
        refuse_demo_secrets: true,
        env: &|_| None,
        directory: Path::new("/nowhere"),
    };
    let file = read_apply_file(&text, &options, |_, _| None).unwrap();
    file.clients.into_iter().next().unwrap()
}

fn stored(code: &str, secret: &str, accounts: &[(u128, bool)]) -> StoredClient {
    let accounts = accounts.iter().map(|(id, current)| StoredAccount {
        account: Account {
            id: AccountId(Uuid::from_u128(*id)),
            provider: ProviderId::Payex,
            settings: AccountSettings::from_json("{}".to_owned()),
        },
        current: *current,
        callback_secret: vec![0; 32].into(),
    });
    StoredClient {
        client: draft(code).client,
        signing_keys: vec![SigningKeyConfig {
            kid: "a".to_owned(),
            algorithm: SigningAlgorithm::HS512,
            material: secret.to_owned().into(),
        }],
        oauth_secrets: Vec::new(),
        accounts: accounts.collect(),
        coupons: Vec::new(),
    }
}

#[tokio::test]
async fn the_current_account_is_the_profiles_and_old_ones_are_still_found() {
    let shelf = Arc::new(Shelf::default());
    shelf.put(vec![stored("no.a", SECRET, &[(1, false), (2, true)])]);
    let registry = Registry::load(shelf).await.unwrap();
    let profile = registry.profile("no.a").unwrap();
    let current = AccountId(Uuid::from_u128(2));
    assert_eq!(profile.accounts.get(&ProviderId::Payex), Some(&current));
    assert!(registry.account(AccountId(Uuid::from_u128(1))).is_some());
    assert!(registry.profile("no.b").is_none());
}

#[tokio::test]
async fn a_broken_key_takes_its_client_out_and_no_other() {
    let shelf = Arc::new(Shelf::default());
    shelf.put(vec![
        stored("no.broken", "short", &[(1, true)]),
        stored("no.a", SECRET, &[]),
    ]);
    let registry = Registry::load(shelf).await.unwrap();
    assert!(registry.profile("no.broken").is_none());
    assert!(registry.profile("no.a").is_some());
    let account = AccountId(Uuid::from_u128(1));
    assert!(
        registry.account(account).is_some(),
        "its payments are still followed"
    );
}

#[tokio::test]
async fn a_revoked_key_is_gone_after_the_next_refresh() {
    let shelf = Arc::new(Shelf::default());
    shelf.put(vec![stored("no.a", SECRET, &[])]);
    let registry = Registry::load(shelf.clone()).await.unwrap();
    let kids = |registry: &Registry| format!("{:?}", registry.profile("no.a").unwrap().keyring);
    assert!(kids(&registry).contains("HS512"));
    assert!(!registry.refresh_if_changed().await.unwrap());

    let mut revoked = stored("no.a", SECRET, &[]);
    revoked.signing_keys.clear();
    shelf.put(vec![revoked]);
    assert!(registry.refresh_if_changed().await.unwrap());
    assert_eq!(kids(&registry), "{}");
}

#[test]
fn a_new_account_gets_an_id_and_32_random_bytes() {
    struct Fixed;
    impl crate::ports::Ids for Fixed {
        fn uuid(&self) -> Uuid {
            Uuid::from_u128(7)
        }
        fn key(&self) -> String {
            String::new()
        }
        fn number(&self) -> u64 {
            0
        }
    }
    use secrecy::ExposeSecret;
    let mut draft = draft("no.a");
    for provider in [ProviderId::Payex, ProviderId::Nexi] {
        draft.accounts.push(crate::clients::AccountConfig {
            provider,
            settings: AccountSettings::from_json("{}".to_owned()),
        });
    }
    let change = draft
        .into_change(&Fixed, DateTime::<Utc>::UNIX_EPOCH)
        .unwrap();
    let secrets: Vec<&[u8]> = change
        .accounts
        .iter()
        .map(|account| account.callback_secret.expose_secret())
        .collect();
    assert_eq!(change.accounts[0].id, AccountId(Uuid::from_u128(7)));
    assert!(secrets.iter().all(|secret| secret.len() == 32) && secrets[0] != secrets[1]);
}
