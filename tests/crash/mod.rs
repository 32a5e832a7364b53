//! The built binary dies or is told to stop while payments are under way.

use std::collections::{BTreeMap, HashSet};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::Utc;
use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
};
use futures_util::{StreamExt as _, stream};
use mcpay::cli::DEMO_CLIENT;
use mcpay::clients::ClientCode;
use mcpay::events::Event;
use mcpay::events::ports::EventStore as _;
use mcpay::store::{Store, StoreOptions};
use mcpay::wiring::http_client;
use serde_json::{Value, json};
use tokio::sync::Notify;
use url::Url;

use crate::support::client::Answer;
use crate::support::database::Database;
use crate::support::program::{Program, Running};
use crate::support::shop;
use crate::support::witness::wait_for;
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
        let claims = shop::claims(&self.base, Utc::now(), &json!({}));
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

    async fn count_initiates(&self, reference: &str) -> usize {
        let path = format!("/sandbox/payex/_calls?reference={reference}");
        let calls = self.get(&self.provider, &path).await.expect(200).json();
        let calls = calls.as_array().unwrap().iter();
        calls.filter(|call| call["operation"] == "initiate").count()
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
               UPDATE leases SET ends_at = ends_at - interval '2 hours'";
    connection.batch_execute(sql).await.unwrap();
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    mcpay_ref: String,
}

/// Every payment there is, whatever was told of it.
async fn payments(database: &Database) -> Vec<String> {
    let mut connection = AsyncPgConnection::establish(database.url()).await.unwrap();
    let rows: Vec<Row> = sql_query("SELECT mcpay_ref FROM payments")
        .load(&mut connection)
        .await
        .unwrap();
    rows.into_iter().map(|row| row.mcpay_ref).collect()
}

/// Events of each payment in their order; no gap and no repetition in the sequences.
#[track_caller]
fn by_payment(events: &[Event]) -> BTreeMap<&str, Vec<&Event>> {
    let mut payments: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events {
        payments.entry(&event.subject).or_default().push(event);
    }
    for (subject, told) in &payments {
        let sequences: Vec<i64> = told.iter().map(|event| event.sequence).collect();
        let expected: Vec<i64> = (1..).take(told.len()).collect();
        assert_eq!(sequences, expected, "{subject}");
    }
    payments
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_service_that_is_killed_among_200_payments_brings_each_to_its_end_after_its_restart() {
    const PAYMENTS: usize = 200;
    let database = Database::postgres().await;
    let (machines, service) = Machines::start(&database).await;
    // Slow enough that some are at the provider at any time.
    machines.provider_behaves(json!({ "latencyMs": 200 })).await;
    let (answered, enough) = (AtomicUsize::new(0), Notify::new());

    let starting = stream::iter(0..PAYMENTS)
        .map(async |_| {
            let reference = machines.starts().await?;
            if answered.fetch_add(1, Ordering::SeqCst) == PAYMENTS / 3 {
                enough.notify_one();
            }
            // The payer is at the provider by now, and does not know that the service is gone.
            machines.payer_approves(&reference).await;
            Some(reference)
        })
        .buffer_unordered(48)
        .filter_map(std::future::ready)
        .collect::<HashSet<String>>();
    let killing = async {
        enough.notified().await;
        service.dies();
    };
    let (approved, ()) = tokio::join!(starting, killing);
    assert!(approved.len() < PAYMENTS, "it died among them");
    two_hours_go_by(&database).await;
    machines.provider_behaves(json!({ "latencyMs": 0 })).await;
    let service = machines.restart(&database).await;

    let all = payments(&database).await;
    assert!(
        all.len() > approved.len(),
        "some were begun and never answered"
    );
    let ended = wait_for("every payment ends", LONG, async || {
        let mut ended = BTreeMap::new();
        for reference in &all {
            let status = machines.status(reference).await;
            if status["status"] == "pending" {
                return None;
            }
            ended.insert(reference.clone(), status);
        }
        Some(ended)
    })
    .await;

    for reference in &approved {
        let status = ended.get(reference).map(|status| &status["status"]);
        assert_eq!(status, Some(&json!("success")), "{reference} was paid");
    }
    let events = wait_for("each beginning and each end is told", LONG, async || {
        let events = machines.events().await;
        let told = by_payment(&events);
        let complete = |reference| {
            told.get(reference)
                .is_some_and(|told: &Vec<_>| told.len() > 1)
        };
        (all.iter().all(|reference| complete(reference.as_str()))).then_some(events)
    })
    .await;
    for (reference, told) in by_payment(&events) {
        assert!(
            machines.count_initiates(reference).await <= 1,
            "{reference}"
        );
        assert_consistent(&ended[reference], &told);
    }
    service.dies();
    drop(machines);
    database.remove().await;
}

/// One beginning, one end, and the end is the one that the payer sees.
#[track_caller]
fn assert_consistent(status: &Value, told: &[&Event]) {
    let types: Vec<&str> = told.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(types[0], "payment.initiated");
    let ends: Vec<&str> = types.iter().copied().filter(|kind| is_end(kind)).collect();
    assert_eq!(ends.len(), 1, "{types:?}");
    let success = status["status"] == "success";
    assert_eq!(
        ends[0] == "payment.authorized",
        success,
        "{types:?} {status}"
    );
}

fn is_end(kind: &str) -> bool {
    let middle = ["payment.initiated", "payment.unknown"];
    !middle.contains(&kind)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_service_that_is_told_to_stop_answers_what_it_has_begun() {
    const REQUESTS: usize = 12;
    let database = Database::sqlite();
    let (machines, mut service) = Machines::start(&database).await;
    machines
        .provider_behaves(json!({ "latencyMs": 3_000 }))
        .await;

    let starting = stream::iter(0..REQUESTS)
        .map(async |_| machines.starts().await)
        .buffer_unordered(REQUESTS)
        .filter_map(std::future::ready)
        .collect::<HashSet<String>>();
    let stopping = async {
        wait_for("all are at the provider", LONG, async || {
            (machines.events().await.len() == REQUESTS).then_some(())
        })
        .await;
        service.is_told_to_stop();
        Instant::now()
    };
    let (answered, told_at) = tokio::join!(starting, stopping);

    assert_eq!(
        answered.len(),
        REQUESTS,
        "every request is answered with 200"
    );
    let (status, _, log) = service.ends(Duration::from_secs(25)).await;
    assert!(told_at.elapsed() < Duration::from_secs(25));
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
    let port = machines.base.port().unwrap();
    assert!(
        TcpStream::connect(("127.0.0.1", port)).is_err(),
        "the port is free"
    );
    drop(machines.sandbox);
    database.remove().await;
}
