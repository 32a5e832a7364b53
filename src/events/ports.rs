//! What publishing needs from the store.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Event;
use crate::clients::ClientCode;
use crate::ports::StoreError;

#[async_trait]
pub trait EventStore: Send + Sync {
    /// Takes or renews a named lease for `holder` until `until`; false when another holds it.
    /// A lease keeps two instances from doing the same ordered work at once.
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Gives up a lease this holder has.
    async fn drop_lease(&self, name: &str, holder: &str) -> Result<(), StoreError>;

    /// Events not yet published, at most one per subject (its earliest), oldest first. Publishing
    /// these and nothing else keeps the order of every subject.
    async fn find_unpublished(&self, limit: i64) -> Result<Vec<Event>, StoreError>;

    async fn mark_published(&self, ids: &[Uuid], at: DateTime<Utc>) -> Result<(), StoreError>;

    /// Gives committed events that have none their cursor, in the order of insertion, without gaps
    /// (CONTRACT 8.14); answers how many got one. Only the holder of the sequencer's lease calls it.
    async fn assign_cursors(&self, limit: i64) -> Result<usize, StoreError>;

    /// Events of a client with a cursor above `after`, oldest first.
    async fn find_events_after(
        &self,
        client: &ClientCode,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Event)>, StoreError>;

    /// The events of one subject of a client, oldest first.
    async fn find_events_of(
        &self,
        client: &ClientCode,
        subject: &str,
    ) -> Result<Vec<Event>, StoreError>;

    /// How many committed events wait for the broker.
    async fn count_unpublished(&self) -> Result<i64, StoreError>;
}
