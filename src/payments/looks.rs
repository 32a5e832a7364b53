//! When this process looks after each account's registration again: pure but for its memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::AccountId;

use super::backoff::backoff;

/// Registrations that could not be reached for two weeks are dropped by the provider.
const LOOK_EVERY: TimeDelta = TimeDelta::hours(24);

/// The next look at each account, and how often one failed.
#[derive(Default)]
pub(super) struct Looks(Mutex<HashMap<AccountId, (DateTime<Utc>, i32)>>);

impl Looks {
    pub(super) fn is_due(&self, account: AccountId, now: DateTime<Utc>) -> bool {
        let looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.get(&account).is_none_or(|(next, _)| *next <= now)
    }

    /// A refusal is for good until somebody changes a setting; what passes is tried soon again.
    pub(super) fn note(&self, account: AccountId, now: DateTime<Utc>, failed: Option<bool>) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let look = looks.entry(account).or_insert((now, 0));
        *look = match failed {
            Some(passes) if passes => (now + backoff(look.1), look.1.saturating_add(1)),
            _ => (now + LOOK_EVERY, 0),
        };
    }
}
