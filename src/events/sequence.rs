//! The sequencer: gives committed events the cursor that clients read by (CONTRACT 8.14).
//!
//! It works with and without a broker. Cursors are given after the commit by one instance at a
//! time, because rows become visible in another order than they were inserted: a client that reads
//! "everything after 7" must never miss an 8 that was committed late. What must never live here:
//! publishing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::lease::Lease;
use super::ports::EventStore;
use super::wakeup::Wakeup;
use crate::ports::{Clock, StoreError};

/// The name of the lease.
pub const LEASE: &str = "sequencer";

#[derive(Clone, Debug)]
pub struct SequencerOptions {
    /// This process: unique among all that share the database.
    pub holder: String,
    /// How many events get their cursor in one transaction.
    pub batch: i64,
    pub lease_for: Duration,
}

impl SequencerOptions {
    pub fn new(holder: impl Into<String>) -> Self {
        Self {
            holder: holder.into(),
            batch: 500,
            lease_for: Duration::from_secs(30),
        }
    }
}

/// What one step of the sequencer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequenced {
    /// So many events got their cursor, and no more were waiting.
    Done(usize),
    /// A full batch; there may be more.
    More(usize),
    /// Another instance is the sequencer.
    Standby,
}

pub struct Sequencer {
    store: Arc<dyn EventStore>,
    batch: i64,
    assigned: Wakeup,
    lease: Mutex<Lease>,
}

impl Sequencer {
    pub fn new(
        store: Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
        options: SequencerOptions,
    ) -> Self {
        let lease = Lease::new(
            Arc::clone(&store),
            clock,
            LEASE,
            options.holder,
            options.lease_for,
        );
        Self {
            store,
            batch: options.batch,
            assigned: Wakeup::new(),
            lease: Mutex::new(lease),
        }
    }

    /// Wakes when events have got a cursor in this process: for event streams, which poll besides,
    /// because the sequencer may be another process.
    pub fn assigned(&self) -> Wakeup {
        self.assigned.clone()
    }

    /// Gives one batch of events their cursors.
    pub async fn step(&self) -> Result<Sequenced, StoreError> {
        let mut lease = self.lease.lock().await;
        if !lease.keep().await? {
            return Ok(Sequenced::Standby);
        }
        let count = self.store.assign_cursors(self.batch).await?;
        if count > 0 {
            self.assigned.wake();
        }
        if i64::try_from(count).is_ok_and(|count| count < self.batch) {
            Ok(Sequenced::Done(count))
        } else {
            Ok(Sequenced::More(count))
        }
    }

    /// Gives the lease up; call it when the service stops.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.lease.lock().await.give_up().await
    }
}

#[cfg(test)]
mod tests;
