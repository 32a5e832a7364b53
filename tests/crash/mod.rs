//! The built binary dies or is told to stop while payments are under way.

mod charge;
mod payments;

use std::time::Duration;

use chrono::Utc;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use mcpay::cli::{DEMO_CLIENT, DEMO_OAUTH_SECRET};
use mcpay::clients::ClientCode;
use mcpay::events::Event;
use mcpay::events::ports::EventStore as _;
use mcpay::store::{Store, StoreOptions};
use mcpay::wiring::http_client;
use serde_json::{Value, json};
use url::Url;

use crate::support::backend::Backend;
use crate::support::client::Answer;
use crate::support::database::Database;
use crate::support::program::{Program, Running};
use crate::support::shop;
use crate::support::world::spec_master_key;

const LONG: Duration = Duration::from_secs(60);

/// The service and, as a process of its own that outlives it, the provider.
struct Machines {
    http: reqwest::Client,
    sandbox: Running,
    provider: Url,
    base: Url,
    store: Store,
}

impl Machines {
    async fn start(database: &Database) -> (Self, Running) {
        let arguments = ["sandbox", "--listen", "127.0.0.1:0", "--log", "warn"];
        let mut sandbox = Program::start(&arguments, &[]);
        let provider = sandbox.reads_address("PayEx sandbox").await;
        let provider = provider.join("/").unwrap();
        let mut service = service(database, &provider, "127.0.0.1:0");
        let base = service.reads_address("Demo shop").await.join("/").unwrap();
        let options = StoreOptions {
            master_key: spec_master_key(),
            pool_size: 2,
        };
        let machines = Self {
            http: http_client().expect("a client"),
            sandbox,
            provider,
            base,
            store: Store::open(database.url(), options).expect("the database"),
        };
        (machines, service)
    }

    /// The same service at the same address, on whatever the database has kept.
    async fn restart(&self, database: &Database) -> Running {
        let address = format!("127.0.0.1:{}", self.base.port().unwrap());
        let mut service = service(database, &self.provider, &address);
        service.reads_address("Demo shop").await;
        service
    }

    async fn post(&self, base: &Url, path: &str, body: &Value) -> reqwest::Result<Answer> {
        let url = base.join(path).unwrap();
        let sent = self.http.post(url).json(body).send().await?;
        Ok(Answer::of(sent).await)
    }

    async fn get(&self, base: &Url, path: &str) -> Answer {
        let sent = self.http.get(base.join(path).unwrap()).send().await;
        Answer::of(sent.expect("an answer")).await
    }

    /// A payment as a shop starts it: its reference, or nothing when the service was gone.
    async fn starts(&self) -> Option<String> {
        self.starts_with(&json!({})).await
    }

    /// As [`Machines::starts`], with `changes` put over the ordinary claims.
    async fn starts_with(&self, changes: &Value) -> Option<String> {
        let claims = shop::claims(&self.base, Utc::now(), changes);
        let body = shop::init_body(&self.base, &shop::sign(&claims));
        let url = self.base.join("/capi/mcpay/paymentInit").unwrap();
        let sent = self.http.post(url).json(&body).send().await.ok()?;
        let status = sent.status();
        let text = sent.text().await.ok()?;
        assert_eq!(status, 200, "{text}");
        let answer: Value = serde_json::from_str(&text).ok()?;
        Some(answer["mcPayRef"].as_str()?.to_owned())
    }

    async fn payer_approves(&self, reference: &str) {
        let path = format!("/sandbox/payex/_payer/{reference}");
        let action = json!({ "action": "approve" });
        let answer = self.post(&self.provider, &path, &action).await;
        answer.expect("the provider").expect(200);
    }

    async fn status(&self, reference: &str) -> Value {
        let path = format!("/capi/mcpay/payments/{reference}");
        self.get(&self.base, &path).await.expect(200).json()
    }

    /// Every event that has its cursor; the service gives it.
    async fn events(&self) -> Vec<Event> {
        let client = ClientCode(DEMO_CLIENT.to_owned());
        let events = self.store.find_events_after(&client, 0, 100_000).await;
        let events = events.expect("the database").into_iter();
        events.map(|(_, event)| event).collect()
    }

    /// Sets the provider's controls (CONTRACT 7.2).
    async fn provider_behaves(&self, controls: Value) {
        let url = self.provider.join("/sandbox/payex/_control").unwrap();
        let sent = self.http.put(url).json(&controls).send().await;
        Answer::of(sent.expect("the provider")).await.expect(200);
    }

    /// How often the provider saw `operation` for this reference.
    async fn count_calls(&self, reference: &str, operation: &str) -> usize {
        let path = format!("/sandbox/payex/_calls?reference={reference}");
        let calls = self.get(&self.provider, &path).await.expect(200).json();
        let calls = calls.as_array().unwrap().iter();
        calls.filter(|call| call["operation"] == operation).count()
    }

    /// The merchant's backend.
    async fn backend(&self) -> Backend {
        Backend::at(&self.base, &self.http, DEMO_CLIENT, DEMO_OAUTH_SECRET).await
    }
}

fn service(database: &Database, provider: &Url, listen: &str) -> Running {
    let arguments = [
        "demo",
        "--listen",
        listen,
        "--database-url",
        database.url(),
        "--sandbox-url",
        provider.as_str(),
        "--rate-limit",
        "off",
        "--log",
        "error",
    ];
    Program::start(&arguments, &[])
}

/// Nobody started it again for two hours: told to the database, since a process's clock cannot be
/// moved.
async fn two_hours_go_by(database: &Database) {
    let mut connection = AsyncPgConnection::establish(database.url()).await.unwrap();
    let sql = "UPDATE payments SET created_at = created_at - interval '2 hours', \
               pay_before = pay_before - interval '2 hours', \
               inquire_at = inquire_at - interval '2 hours'; \
               UPDATE operations SET due_at = due_at - interval '2 hours', \
               finished_at = finished_at - interval '2 hours'; \
               UPDATE idempotency_keys SET claimed_at = claimed_at - interval '2 hours'; \
               UPDATE leases SET ends_at = ends_at - interval '2 hours'";
    connection.batch_execute(sql).await.unwrap();
}
