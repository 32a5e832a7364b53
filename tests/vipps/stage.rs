//! What these tests are written in: the two methods' claims, the account's registration, and webhooks
//! as the provider signs them.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use mcpay::cli::{DEMO_CLIENT, DEMO_OAUTH_SECRET};
use mcpay::clients::ports::{ClientChange, ClientStore as _, NewAccount};
use mcpay::clients::{AccountConfig, StoredAccount};
use mcpay::payments::registration::{RegistrationStore as _, StoredRegistration};
use mcpay::ports::Clock as _;
use mcpay::wiring::providers;
use mcpay_port::{Account, AccountId, AccountSettings, ProviderId, RegisteredAddress};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::merchant::Merchant;
use crate::support::client::Answer;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

pub const SOON: Duration = Duration::from_secs(20);

/// What differs for a one-time payment of 349.00.
pub fn one_time() -> Value {
    json!({ "paymentMethod": "vippsEcommerce" })
}

/// What differs for a subscription that starts with 1.00 and goes on with 349.00 each month.
pub fn subscription() -> Value {
    json!({
        "paymentMethod": "vippsRecurring", "recurring": true,
        "productSpecCode": "TOTT", "productSpecNo": 1, "amount": null, "currency": null,
    })
}

/// The same, for nothing at first.
pub fn free_start() -> Value {
    with(subscription(), &json!({ "subscriptionStartAmount": 0 }))
}

/// `claims` with `changes` put over them.
pub fn with(mut claims: Value, changes: &Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    claims
}

/// The captured first payment of a subscription, and its agreement.
pub async fn has_subscriber(merchant: &Merchant<'_>) -> (StartedPayment, String) {
    let world = merchant.world;
    world.is_registered().await;
    let first = world.starts(subscription()).await;
    world.payer_approves(&first).await;
    world.becomes(&first, "success", SOON).await;
    merchant
        .does("capture", &first, json!({}))
        .await
        .expect(200);
    let agreement = merchant.reads(&first).await["agreementId"].clone();
    (first, agreement.as_str().expect("an agreement").to_owned())
}

/// The day so many days from now.
pub fn day(world: &World, days: i64) -> String {
    (world.clock.now() + TimeDelta::days(days))
        .format("%Y-%m-%d")
        .to_string()
}

impl World {
    /// The demo client's account as it is now.
    pub fn vipps_account(&self) -> Arc<StoredAccount> {
        let registry = &self.built.app.registry;
        let profile = registry.profile(DEMO_CLIENT).expect("the demo client");
        let id = profile
            .accounts
            .get(&ProviderId::Vipps)
            .expect("an account");
        registry.account(*id).expect("it is loaded")
    }

    /// The account's registration, as it is stored.
    pub async fn stored_registration(&self) -> Option<StoredRegistration> {
        let account = self.vipps_account().account.id;
        let url = &self.built.app.public_url;
        let found = self.built.store.find_registration_of(account, url).await;
        found.expect("the store")
    }

    /// Waits until the account's webhooks are registered.
    pub async fn is_registered(&self) -> StoredRegistration {
        wait_for("webhooks are registered", SOON, async || {
            let stored = self.stored_registration().await;
            stored.filter(|stored| stored.registered.is_some())
        })
        .await
    }

    /// What the provider lists for the account.
    pub async fn listed_at_provider(&self) -> Vec<RegisteredAddress> {
        let adapter = Arc::clone(&providers(&self.http)[&ProviderId::Vipps]);
        let webhooks = adapter.webhooks().expect("it has webhooks");
        let account = self.vipps_account();
        webhooks.list(&account.account).await.expect("a list")
    }

    /// Removes a registration at the provider, behind the service's back.
    pub async fn provider_forgets(&self, id: &str) {
        let adapter = Arc::clone(&providers(&self.http)[&ProviderId::Vipps]);
        let webhooks = adapter.webhooks().expect("it has webhooks");
        let account = self.vipps_account();
        webhooks
            .remove(&account.account, id)
            .await
            .expect("it is removed");
    }

    /// The payer withdraws the permission in the app, which they may do at any time.
    pub async fn payer_stops_at_vipps(&self, first: &StartedPayment) {
        let told = self.payer_does(&first.reference, "cancel").await;
        assert_eq!(told["status"], "STOPPED");
    }

    /// An operator changes the account's settings: it gets a new version.
    pub async fn vipps_account_changes(&self, changes: Value) {
        let clients = self.built.store.load_clients().await.expect("the store");
        let mut clients = clients.into_iter();
        let demo = clients.find(|one| one.client.code.as_str() == DEMO_CLIENT);
        let demo = demo.expect("the demo client");
        let current = demo.accounts.iter().filter(|account| account.current);
        let accounts = current.map(|stored| NewAccount {
            config: AccountConfig {
                provider: stored.account.provider,
                settings: changed(&stored.account, &changes),
            },
            id: AccountId(Uuid::new_v4()),
            callback_secret: stored.callback_secret.clone(),
        });
        let change = ClientChange {
            accounts: accounts.collect(),
            client: demo.client,
            signing_keys: demo.signing_keys,
            oauth_secrets: vec![DEMO_OAUTH_SECRET.to_owned().into()],
            coupons: demo.coupons,
            applied_at: self.clock.now(),
        };
        self.built
            .store
            .save_client(&change)
            .await
            .expect("it is saved");
        self.built
            .app
            .registry
            .refresh_if_changed()
            .await
            .expect("it is read");
    }

    /// The sandbox's own clock, which due dates and expiry follow.
    pub async fn time_passes_at_vipps(&self, by: TimeDelta) {
        let setting = json!({ "offsetSeconds": by.num_seconds() });
        self.puts("/sandbox/vipps/_clock", &setting)
            .await
            .expect(200);
    }

    /// What only this provider's sandbox can do.
    pub async fn vipps_rules(&self, rules: Value) {
        self.puts("/sandbox/vipps/_rules", &rules).await.expect(200);
    }

    pub async fn sends_webhook(&self, webhook: &Webhook) -> Answer {
        let request = self
            .http
            .post(self.url(&webhook.path))
            .header("x-ms-date", &webhook.date)
            .header("x-ms-content-sha256", &webhook.hash)
            .header("authorization", &webhook.authorization)
            .body(webhook.body.clone());
        self.sends(request).await
    }
}

fn changed(account: &Account, changes: &Value) -> AccountSettings {
    let settings: Value = account.settings.read().expect("settings");
    if account.provider == ProviderId::Vipps {
        AccountSettings::from_json(with(settings, changes).to_string())
    } else {
        account.settings.clone()
    }
}

/// A message of the provider, which a test may alter.
#[derive(Clone)]
pub struct Webhook {
    pub path: String,
    pub date: String,
    pub hash: String,
    pub authorization: String,
    pub body: String,
}

impl Webhook {
    /// "Look at this payment", signed with the registration's secret now.
    pub fn about(payment: &StartedPayment, registration: &StoredRegistration) -> Self {
        let event = json!({
            "msn": "123456", "reference": payment.reference, "pspReference": "1", "name": "AUTHORIZED",
            "amount": { "currency": "NOK", "value": 34_900 },
            "timestamp": "2026-11-21T05:00:00.000Z", "success": true,
        });
        Self::telling(&event, registration)
    }

    /// "The payer has stopped the agreement that this payment opened."
    pub fn stopped(first: &StartedPayment, registration: &StoredRegistration) -> Self {
        let event = json!({
            "agreementId": "agr_1", "agreementUUID": "5c0e8a44-3f61-4e8b-b1de-94a7c1d20e35",
            "agreementExternalId": first.reference, "msn": "123456",
            "occurred": "2026-11-21T05:00:00Z",
            "eventType": "recurring.agreement-stopped.v1", "actor": "USER",
        });
        Self::telling(&event, registration)
    }

    fn telling(event: &Value, registration: &StoredRegistration) -> Self {
        let registered = registration.registered.as_ref().expect("a secret");
        let secret = registered.secret.expose_secret();
        Self::signed(registration, secret, &event.to_string(), Utc::now())
    }

    pub fn signed(
        registration: &StoredRegistration,
        secret: &str,
        body: &str,
        at: DateTime<Utc>,
    ) -> Self {
        let date = at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let hash = STANDARD.encode(digest(&SHA256, body.as_bytes()));
        let url = &registration.url;
        let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        let text = format!("POST\n{}\n{date};{host};{hash}", url.path());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
        Self {
            path: url.path().to_owned(),
            date,
            hash,
            authorization: format!(
                "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"
            ),
            body: body.to_owned(),
        }
    }
}
