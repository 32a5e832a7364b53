//! A lease that one holder keeps: who has it may do the ordered work of its name.
//!
//! The store decides who has it; here is only when to ask again, so that a batch of one event does
//! not cost a write for its lease. What must never live here: the work itself.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::ports::EventStore;
use crate::ports::{Clock, StoreError};

pub struct Lease {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    name: &'static str,
    holder: String,
    lasts: TimeDelta,
    until: Option<DateTime<Utc>>,
}

impl Lease {
    pub fn new(
        store: Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
        name: &'static str,
        holder: String,
        lasts: Duration,
    ) -> Self {
        Self {
            store,
            clock,
            name,
            holder,
            lasts: TimeDelta::from_std(lasts).unwrap_or(TimeDelta::hours(1)),
            until: None,
        }
    }

    /// Takes the lease, or renews it when less than half of it is left; so after `true` at least
    /// half of its time remains. False when another holder has it.
    pub async fn keep(&mut self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        if self.until.is_some_and(|until| until - now > self.lasts / 2) {
            return Ok(true);
        }
        self.until = None;
        let until = now + self.lasts;
        let taken = self
            .store
            .take_lease(self.name, &self.holder, now, until)
            .await?;
        if taken {
            self.until = Some(until);
        }
        Ok(taken)
    }

    /// Gives the lease up, if this holder has it, so that another need not wait for its end.
    pub async fn give_up(&mut self) -> Result<(), StoreError> {
        if self.until.take().is_none() {
            return Ok(());
        }
        self.store.drop_lease(self.name, &self.holder).await
    }
}
