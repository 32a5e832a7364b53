//! The store as publishing sees it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Store, unit};
use crate::clients::ClientCode;
use crate::events::Event;
use crate::events::ports::EventStore;
use crate::ports::StoreError;

#[async_trait]
impl EventStore for Store {
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        unit!(
            self,
            writer,
            lost_connection,
            leases::take_lease(&name, &holder, now, until)
        )
    }

    async fn drop_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        unit!(
            self,
            writer,
            lost_connection,
            leases::drop_lease(&name, &holder)
        )
    }

    async fn find_unpublished(&self, limit: i64) -> Result<Vec<Event>, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            events::find_unpublished(limit)
        )
    }

    async fn mark_published(&self, ids: &[Uuid], at: DateTime<Utc>) -> Result<(), StoreError> {
        let ids = ids.to_vec();
        unit!(
            self,
            writer,
            lost_connection,
            events::mark_published(&ids, at)
        )
    }

    async fn assign_cursors(&self, limit: i64) -> Result<usize, StoreError> {
        unit!(self, writer, wrote_nothing, events::assign_cursors(limit))
    }

    async fn find_events_after(
        &self,
        client: &ClientCode,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        let client = client.clone();
        unit!(
            self,
            reader,
            lost_connection,
            events::find_events_after(&client, after, limit)
        )
    }

    async fn find_events_of(
        &self,
        client: &ClientCode,
        subject: &str,
    ) -> Result<Vec<Event>, StoreError> {
        let (client, subject) = (client.clone(), subject.to_owned());
        unit!(
            self,
            reader,
            lost_connection,
            events::find_events_of(&client, &subject)
        )
    }

    async fn count_unpublished(&self) -> Result<i64, StoreError> {
        unit!(self, reader, lost_connection, events::count_unpublished())
    }
}
