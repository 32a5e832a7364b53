//! The sequencer's part: batches, the lease, and who is told. The order itself is the store's.

use super::*;
use crate::clients::ClientCode;
use crate::events::memory_store::{MemoryStore, WallClock, event};

fn sequencer(store: &Arc<MemoryStore>, holder: &str, batch: i64) -> Sequencer {
    let options = SequencerOptions {
        batch,
        ..SequencerOptions::new(holder)
    };
    let store = Arc::clone(store);
    Sequencer::new(store, Arc::new(WallClock), options)
}

#[tokio::test]
async fn every_event_gets_a_cursor_batch_by_batch_and_readers_are_woken() {
    let store = Arc::new(MemoryStore::default());
    for sequence in 1..=5 {
        store.append(event("one", sequence));
    }
    let sequencer = sequencer(&store, "a", 2);
    let mut readers = sequencer.assigned().listen();

    assert_eq!(sequencer.step().await, Ok(Sequenced::More(2)));
    readers.woken().await;
    assert_eq!(sequencer.step().await, Ok(Sequenced::More(2)));
    assert_eq!(sequencer.step().await, Ok(Sequenced::Done(1)));
    assert_eq!(sequencer.step().await, Ok(Sequenced::Done(0)));

    let client = ClientCode("no.mediaconnect.test".to_owned());
    let found = store.find_events_after(&client, 1, 10).await.unwrap();
    let seen: Vec<_> = found
        .iter()
        .map(|(cursor, event)| (*cursor, event.sequence))
        .collect();
    assert_eq!(seen, [(2, 2), (3, 3), (4, 4), (5, 5)]);
}

#[tokio::test]
async fn a_second_sequencer_stands_by_until_the_first_one_closes() {
    let store = Arc::new(MemoryStore::default());
    let (first, second) = (sequencer(&store, "a", 10), sequencer(&store, "b", 10));
    assert_eq!(first.step().await, Ok(Sequenced::Done(0)));
    store.append(event("one", 1));
    assert_eq!(second.step().await, Ok(Sequenced::Standby));
    assert_eq!(store.lease_holder(LEASE).as_deref(), Some("a"));
    first.close().await.unwrap();
    assert_eq!(second.step().await, Ok(Sequenced::Done(1)));
}
