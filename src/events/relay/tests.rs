//! The relay against a real broker, named by `TEST_AMQP_URL` or `AMQP_URL`, else the one on this
//! machine. Every test has its own exchange and queues and removes them.

mod bench;
#[path = "../../../tests/support/proxy.rs"]
mod proxy;

use std::collections::{HashMap, HashSet};

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use self::bench::{Bench, DEADLINE, Message, on_broker, soon};
use self::proxy::Proxy;
use super::*;
use crate::events::Event;
use crate::events::cloud_event::cloud_event;
use crate::events::memory_store::{MemoryStore, event};
use crate::events::wakeup::Wakeup;
use crate::jobs::{Jobs, publish};

/// Commits `each` events of each of `subjects` subjects, in turns; answers them by id.
fn commit(store: &MemoryStore, subjects: i64, each: i64) -> HashMap<String, Event> {
    let mut committed = HashMap::new();
    for sequence in 1..=each {
        for subject in 0..subjects {
            let event = event(&format!("subject-{subject}"), sequence);
            committed.insert(event.id.to_string(), event.clone());
            store.append(event);
        }
    }
    committed
}

/// Fails unless the messages tell of exactly these events, and in order once those that came
/// again are dropped.
fn assert_complete_and_in_order(messages: &[Message], committed: &HashMap<String, Event>) {
    let mut seen = HashSet::new();
    let mut last: HashMap<&str, i64> = HashMap::new();
    for message in messages {
        let event = committed
            .get(&message.id)
            .unwrap_or_else(|| panic!("{} was never committed", message.id));
        if seen.insert(&message.id) {
            let before = last.insert(&event.subject, event.sequence).unwrap_or(0);
            assert_eq!(
                event.sequence,
                before + 1,
                "{} is out of order",
                event.subject
            );
        }
    }
    assert_eq!(seen.len(), committed.len(), "events are missing");
}

/// Waits until the relay is connected, which is when its queue exists.
async fn connected(relay: &Relay) {
    let mut status = relay.watch_status();
    soon(status.wait_for(|status| status.connected))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn events_arrive_in_order_per_subject_with_every_property() {
    on_broker(async |bench: &Bench| {
        let store = Arc::new(MemoryStore::default());
        let committed = commit(&store, 5, 4);
        let (jobs, wakeup) = (Jobs::new(), Wakeup::new());
        let relay = Arc::new(bench.relay(&store, "a"));
        publish::start(&jobs, &relay, &wakeup);
        connected(&relay).await;

        let messages = bench.receive(committed.len()).await;
        assert_complete_and_in_order(&messages, &committed);
        for message in &messages {
            let event = &committed[&message.id];
            let properties = &message.properties;
            assert_eq!(message.routing_key, event.kind);
            assert_eq!(*properties.delivery_mode(), Some(2));
            assert_eq!(bench::text(properties.kind().as_ref()), event.kind);
            assert_eq!(bench::text(properties.app_id().as_ref()), "mcpay");
            assert_eq!(
                bench::text(properties.content_type().as_ref()),
                "application/cloudevents+json"
            );
            let seconds = u64::try_from(event.occurred_at.timestamp()).unwrap();
            assert_eq!(*properties.timestamp(), Some(seconds));
            assert_eq!(message.body, cloud_event(event, bench::SOURCE));
        }
        soon(store.published().wait_for(|count| *count == 20))
            .await
            .unwrap();
        soon(
            relay
                .watch_status()
                .wait_for(|status| status.backlog == Some(0)),
        )
        .await
        .unwrap();

        let late = event("subject-0", 5);
        store.append(late.clone());
        wakeup.wake();
        assert_eq!(bench.receive(1).await[0].id, late.id.to_string());
        jobs.stop(DEADLINE).await.unwrap();
        assert_eq!(
            store.lease_holder(LEASE),
            None,
            "the lease was not given up"
        );
        assert!(!relay.status().connected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unroutable_event_stays_unpublished_until_the_queue_is_bound_again() {
    on_broker(async |bench: &Bench| {
        let store = Arc::new(MemoryStore::default());
        let relay = bench.relay(&store, "a");
        let stop = CancellationToken::new();
        assert_eq!(relay.step(&stop).await, Ok(Step::Drained));

        bench.unbind().await;
        let committed = commit(&store, 3, 1);
        let outcome = relay.step(&stop).await.unwrap();
        assert!(matches!(outcome, Step::HeldUp(_)), "{outcome:?}");
        let problem = relay.status().problem;
        assert!(
            matches!(problem, Some(Problem::Unroutable(_))),
            "{problem:?}"
        );
        assert_eq!(
            *store.published().borrow(),
            0,
            "marked though nobody has it"
        );
        assert_eq!(bench.waiting().await, 0);

        assert_eq!(relay.step(&stop).await, Ok(Step::Published(3)));
        assert_eq!(relay.status().problem, None);
        assert_eq!(*store.published().borrow(), 3);
        assert_complete_and_in_order(&bench.receive(3).await, &committed);
        relay.close().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_is_lost_or_out_of_order_when_the_connection_breaks_amid_a_thousand() {
    on_broker(async |bench: &Bench| {
        let store = Arc::new(MemoryStore::default());
        let committed = commit(&store, 100, 10);
        let proxy = Proxy::start(bench.host()).await;
        let options = RelayOptions {
            amqp_url: bench.url_through(proxy.addr),
            batch: 20,
            ..bench.options("a")
        };
        let relay = Arc::new(bench::relay(&store, options));
        let (jobs, wakeup) = (Jobs::new(), Wakeup::new());
        let (mut published, mut status) = (store.published(), relay.watch_status());
        publish::start(&jobs, &relay, &wakeup);

        for count in [200, 400] {
            soon(published.wait_for(|done| *done >= count))
                .await
                .unwrap();
            proxy.cut();
        }
        soon(published.wait_for(|done| *done >= 600)).await.unwrap();
        proxy.refuse();
        soon(status.wait_for(|status| !status.connected))
            .await
            .unwrap();
        proxy.restore();
        soon(published.wait_for(|done| *done == 1000))
            .await
            .unwrap();
        assert!(
            proxy.connections() >= 4,
            "{} connections",
            proxy.connections()
        );

        let messages = bench.receive_all().await;
        assert_complete_and_in_order(&messages, &committed);
        jobs.stop(DEADLINE).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_relays_one_publishes_and_the_other_takes_over() {
    on_broker(async |bench: &Bench| {
        let store = Arc::new(MemoryStore::default());
        let committed = commit(&store, 10, 30);
        let wakeup = Wakeup::new();
        let relays = ["a", "b"].map(|holder| Arc::new(bench.relay(&store, holder)));
        let [first, second] = &relays;
        let (first_jobs, second_jobs) = (Jobs::new(), Jobs::new());
        publish::start(&first_jobs, first, &wakeup);
        publish::start(&second_jobs, second, &wakeup);
        connected(first).await;
        connected(second).await;

        let messages = bench.receive(committed.len()).await;
        assert_complete_and_in_order(&messages, &committed);
        soon(store.published().wait_for(|count| *count == 300))
            .await
            .unwrap();
        let holder = store.lease_holder(LEASE).unwrap();
        let (active_jobs, standby_jobs, standby) = if holder == "a" {
            (first_jobs, second_jobs, second)
        } else {
            (second_jobs, first_jobs, first)
        };
        assert!(!standby.status().active);
        assert_eq!(standby.status().last_published_at, None, "both published");

        active_jobs.stop(DEADLINE).await.unwrap();
        let late = event("subject-0", 31);
        store.append(late.clone());
        wakeup.wake();
        assert_eq!(bench.receive(1).await[0].id, late.id.to_string());
        soon(standby.watch_status().wait_for(|status| status.active))
            .await
            .unwrap();
        standby_jobs.stop(DEADLINE).await.unwrap();
        assert_eq!(bench.waiting().await, 0, "an event came twice");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_stands_by_recovers_from_a_broken_connection_too() {
    on_broker(async |bench: &Bench| {
        let store = Arc::new(MemoryStore::default());
        let stop = CancellationToken::new();
        let active = bench.relay(&store, "a");
        assert_eq!(active.step(&stop).await, Ok(Step::Drained));
        let proxy = Proxy::start(bench.host()).await;
        let options = RelayOptions {
            amqp_url: bench.url_through(proxy.addr),
            ..bench.options("b")
        };
        let standby = bench::relay(&store, options);
        proxy.refuse();
        let outcome = standby.step(&stop).await;
        assert!(matches!(outcome, Ok(Step::HeldUp(_))), "{outcome:?}");
        let problem = standby.status().problem;
        assert!(
            matches!(problem, Some(Problem::Unreachable(_))),
            "{problem:?}"
        );

        proxy.restore();
        assert_eq!(standby.step(&stop).await, Ok(Step::Standby));
        let status = standby.status();
        assert!(status.connected && !status.active, "{status:?}");
        assert_eq!(status.problem, None);
        active.close().await.unwrap();
        standby.close().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_with_other_arguments_is_explained_and_waited_for() {
    on_broker(async |bench: &Bench| {
        bench.declare_classic_queue().await;
        let store = Arc::new(MemoryStore::default());
        let committed = commit(&store, 1, 1);
        let relay = bench.relay(&store, "a");
        let stop = CancellationToken::new();
        assert_eq!(relay.step(&stop).await, Ok(Step::HeldUp(SLOW_WAIT)));
        let problem = relay.status().problem.unwrap();
        assert!(matches!(problem, Problem::OtherArguments(_)), "{problem:?}");
        assert!(problem.to_string().contains(&bench.queue), "{problem}");

        bench.delete_queue().await;
        assert_eq!(relay.step(&stop).await, Ok(Step::Published(1)));
        assert_complete_and_in_order(&bench.receive(1).await, &committed);
        relay.close().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_is_explained_without_showing_it() {
    on_broker(async |bench: &Bench| {
        let store = Arc::new(MemoryStore::default());
        let options = RelayOptions {
            amqp_url: bench.url_with_password("not-the-one"),
            ..bench.options("a")
        };
        assert!(!format!("{options:?}").contains("not-the-one"));
        let relay = bench::relay(&store, options);
        let step = relay.step(&CancellationToken::new()).await;
        assert_eq!(step, Ok(Step::HeldUp(SLOW_WAIT)));
        let problem = relay.status().problem.unwrap();
        assert!(matches!(problem, Problem::Refused(_)), "{problem:?}");
        assert!(!format!("{problem} {problem:?}").contains("not-the-one"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_says_nothing_is_hung_up_on() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("amqp://guest:guest@{}/%2f", silent.local_addr().unwrap());
    let store = Arc::new(MemoryStore::default());
    let options = RelayOptions {
        connect_within: Duration::from_millis(300),
        ..RelayOptions::new(url.into(), bench::SOURCE, "a")
    };
    let relay = bench::relay(&store, options);
    let stop = CancellationToken::new();
    let (outcome, accepted) =
        soon(async { tokio::join!(relay.step(&stop), silent.accept()) }).await;
    assert_eq!(outcome, Ok(Step::HeldUp(FIRST_WAIT)));
    let mut heard = Vec::new();
    let (mut peer, _) = accepted.unwrap();
    soon(peer.read_to_end(&mut heard)).await.unwrap();
    assert!(heard.starts_with(b"AMQP"), "{heard:?}");
}

#[tokio::test]
async fn stopping_ends_an_attempt_to_connect() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("amqp://guest:guest@{}/%2f", silent.local_addr().unwrap());
    let store = Arc::new(MemoryStore::default());
    let options = RelayOptions {
        connect_within: Duration::from_secs(3600),
        ..RelayOptions::new(url.into(), bench::SOURCE, "a")
    };
    let relay = bench::relay(&store, options);
    let stop = CancellationToken::new();
    let stopper = async {
        let accepted = silent.accept().await;
        stop.cancel();
        accepted
    };
    let (outcome, _) = soon(async { tokio::join!(relay.step(&stop), stopper) }).await;
    assert!(matches!(outcome, Ok(Step::HeldUp(_))), "{outcome:?}");
}

#[test]
fn a_url_that_is_none_is_refused_without_showing_it() {
    for url in [
        "http://user:hidden@host",
        "user:hidden@host",
        "",
        "amqp:hidden",
    ] {
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::default());
        let options = RelayOptions::new(url.to_owned().into(), bench::SOURCE, "a");
        let clock = Arc::new(crate::events::memory_store::WallClock);
        let error = Relay::new(store, clock, options).err();
        assert_eq!(error, Some(InvalidAmqpUrl), "{url}");
        assert!(!format!("{error:?} {InvalidAmqpUrl}").contains("hidden"));
    }
}
