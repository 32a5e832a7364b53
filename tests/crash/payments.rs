//! Payments of which some are at the provider at the moment of the end.

use std::collections::{BTreeMap, HashSet};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _};
use futures_util::{StreamExt as _, stream};
use mcpay::events::Event;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{LONG, Machines, two_hours_go_by};
use crate::support::database::Database;
use crate::support::witness::wait_for;

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
            machines.count_calls(reference, "initiate").await <= 1,
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
