//! What only the provider or the store can tell: calls with their outcomes, an order as the
//! provider keeps it, all events of a database, and callbacks with the right key.

use std::time::Duration;

use mcpay::cli::DEMO_CLIENT;
use mcpay::clients::ClientCode;
use mcpay::clients::callback_key::callback_key;
use mcpay::events::Event;
use mcpay::events::ports::EventStore as _;
use mcpay::payments::ports::PaymentStore as _;
use mcpay_port::{PaymentRef, ProviderId};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::client::Answer;
use super::world::World;

/// How often a condition is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks until `found` gives something; panics with `what` after `limit`.
pub async fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut found: impl AsyncFnMut() -> Option<T>,
) -> T {
    let looking = async {
        loop {
            if let Some(value) = found().await {
                return value;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let Ok(value) = tokio::time::timeout(limit, looking).await else {
        panic!("{what}: not within {limit:?}");
    };
    value
}

impl World {
    /// Who moves the money of this payment; PayEx for one that is not stored.
    pub async fn provider_of(&self, reference: &str) -> ProviderId {
        let reference = reference.parse().expect("a reference");
        let stored = self.built.store.find_payment(reference).await;
        let stored = stored.expect("the store");
        stored.map_or(ProviderId::Payex, |payment| payment.method.provider())
    }

    /// A PUT, as an operator sends it to a sandbox.
    pub async fn puts(&self, path: &str, body: &Value) -> Answer {
        let url = self.base.join(path).expect("a path");
        let sent = self.http.put(url).json(body).send().await;
        Answer::of(sent.expect("the service answers")).await
    }

    /// How often the provider saw `operation` for this reference.
    pub async fn count_calls(&self, reference: &str, operation: &str) -> usize {
        let seen = self.provider_saw(reference).await;
        seen.iter().filter(|seen| *seen == operation).count()
    }

    /// Waits until the provider saw `operation` at least `times` for this reference.
    pub async fn provider_sees(&self, reference: &str, operation: &str, times: usize) {
        let what = format!("the provider sees {operation} {times} times");
        wait_for(&what, Duration::from_secs(20), async || {
            (self.count_calls(reference, operation).await >= times).then_some(())
        })
        .await;
    }

    /// The payer acts at the provider; the answer has the provider's id and status of the order.
    pub async fn payer_does(&self, reference: &str, action: &str) -> Value {
        let provider = self.provider_of(reference).await;
        let path = format!("/sandbox/{provider}/_payer/{reference}");
        let body = serde_json::json!({ "action": action });
        self.post(&path, &body).await.expect(200).json()
    }

    /// The order as the provider shows it to its merchant.
    pub async fn order_at_provider(&self, id: &str) -> Value {
        let url = self.base.join(&format!("/sandbox/payex{id}")).unwrap();
        let sent = self
            .http
            .get(url)
            .bearer_auth("demo-only-payex-token")
            .header("Accept", "application/json;version=3.1")
            .header("Content-Type", "application/json;version=3.1")
            .header("User-Agent", "spec")
            .send()
            .await
            .expect("the sandbox");
        Answer::of(sent).await.expect(200).json()["paymentOrder"].clone()
    }

    /// A callback about `reference` with its own key, as only the provider could send it.
    pub async fn callback(&self, reference: &str, body: &Value) -> Answer {
        let payment: PaymentRef = reference.parse().unwrap();
        let stored = self.built.store.find_payment(payment).await.unwrap();
        let account = stored.expect("the payment is stored").account;
        let account = self.built.app.registry.account(account).unwrap();
        let key = callback_key(&account.callback_secret, ProviderId::Payex, payment);
        let path = format!("/callbacks/payex/{reference}/{}", key.expose_secret());
        self.post(&path, body).await
    }

    /// Every event of the demo client, in the order of the cursors.
    pub async fn all_events(&self) -> Vec<Event> {
        let store = &self.built.store;
        while store.assign_cursors(1_000).await.expect("the store") > 0 {}
        let client = ClientCode(DEMO_CLIENT.to_owned());
        let events = store.find_events_after(&client, 0, 100_000).await;
        let events = events.expect("the store").into_iter();
        events.map(|(_, event)| event).collect()
    }
}
