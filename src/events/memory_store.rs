//! An event store in memory, for the tests of what works on top of one: the rules of
//! [`EventStore`] and nothing else. The databases have tests of their own.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use super::Event;
use super::ports::EventStore;
use crate::clients::ClientCode;
use crate::ports::{Clock, StoreError};

#[derive(Default)]
pub(super) struct MemoryStore {
    rows: Mutex<Rows>,
    published: watch::Sender<usize>,
}

#[derive(Default)]
struct Rows {
    /// In the order of insertion.
    events: Vec<Row>,
    leases: BTreeMap<String, (String, DateTime<Utc>)>,
}

struct Row {
    event: Event,
    published_at: Option<DateTime<Utc>>,
    cursor: Option<i64>,
}

impl MemoryStore {
    pub(super) fn append(&self, event: Event) {
        self.rows.lock().unwrap().events.push(Row {
            event,
            published_at: None,
            cursor: None,
        });
    }

    /// Follows how many events were marked as published.
    pub(super) fn published(&self) -> watch::Receiver<usize> {
        self.published.subscribe()
    }

    pub(super) fn lease_holder(&self, name: &str) -> Option<String> {
        let rows = self.rows.lock().unwrap();
        rows.leases.get(name).map(|(holder, _)| holder.clone())
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let other = rows
            .leases
            .get(name)
            .is_some_and(|(owner, end)| owner != holder && *end > now);
        if !other {
            rows.leases
                .insert(name.to_owned(), (holder.to_owned(), until));
        }
        Ok(!other)
    }

    async fn drop_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let mut rows = self.rows.lock().unwrap();
        if rows
            .leases
            .get(name)
            .is_some_and(|(owner, _)| owner == holder)
        {
            rows.leases.remove(name);
        }
        Ok(())
    }

    async fn find_unpublished(&self, limit: i64) -> Result<Vec<Event>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let mut seen = HashSet::new();
        let waiting = rows.events.iter().filter(|row| row.published_at.is_none());
        Ok(waiting
            .filter(|row| seen.insert(row.event.subject.clone()))
            .take(usize::try_from(limit).unwrap())
            .map(|row| row.event.clone())
            .collect())
    }

    async fn mark_published(&self, ids: &[Uuid], at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut rows = self.rows.lock().unwrap();
        for row in &mut rows.events {
            if ids.contains(&row.event.id) {
                row.published_at.get_or_insert(at);
            }
        }
        let count = rows
            .events
            .iter()
            .filter(|row| row.published_at.is_some())
            .count();
        drop(rows);
        self.published.send_replace(count);
        Ok(())
    }

    async fn assign_cursors(&self, limit: i64) -> Result<usize, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let mut last = rows
            .events
            .iter()
            .filter_map(|row| row.cursor)
            .max()
            .unwrap_or(0);
        let mut count = 0;
        let waiting = rows.events.iter_mut().filter(|row| row.cursor.is_none());
        for row in waiting.take(usize::try_from(limit).unwrap()) {
            last += 1;
            row.cursor = Some(last);
            count += 1;
        }
        Ok(count)
    }

    async fn find_events_after(
        &self,
        client: &ClientCode,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let mut found: Vec<_> = rows
            .events
            .iter()
            .filter(|row| row.event.client == *client)
            .filter_map(|row| Some((row.cursor?, row.event.clone())))
            .filter(|(cursor, _)| *cursor > after)
            .collect();
        found.sort_by_key(|(cursor, _)| *cursor);
        found.truncate(usize::try_from(limit).unwrap());
        Ok(found)
    }

    async fn find_events_of(
        &self,
        client: &ClientCode,
        subject: &str,
    ) -> Result<Vec<Event>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let mut found: Vec<_> = rows
            .events
            .iter()
            .filter(|row| row.event.client == *client && row.event.subject == subject)
            .map(|row| row.event.clone())
            .collect();
        found.sort_by_key(|event| event.sequence);
        Ok(found)
    }

    async fn count_unpublished(&self) -> Result<i64, StoreError> {
        let rows = self.rows.lock().unwrap();
        let count = rows
            .events
            .iter()
            .filter(|row| row.published_at.is_none())
            .count();
        Ok(i64::try_from(count).unwrap())
    }
}

/// The machine's clock.
pub(super) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// The `sequence`-th event of `subject`.
pub(super) fn event(subject: &str, sequence: i64) -> Event {
    Event {
        id: Uuid::new_v4(),
        kind: "payment.captured".to_owned(),
        subject: subject.to_owned(),
        sequence,
        client: ClientCode("no.mediaconnect.test".to_owned()),
        payment: None,
        occurred_at: Utc::now(),
        data: json!({"capturedAmount": "49.00", "currency": "NOK"}),
    }
}
