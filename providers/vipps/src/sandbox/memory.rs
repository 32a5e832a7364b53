//! What was answered under an `Idempotency-Key`: the same request is answered the same, also when
//! it was refused, and another request is a conflict.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::api::Answer;
use super::problem::Family;
use super::state::locked;

/// The oldest keys are forgotten beyond this many.
const KEYS_KEPT: usize = 400_000;

/// One API of one sales unit, and the key.
pub(crate) type Scope = (Family, String, String);

/// What a key was used for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Used {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
}

/// What was answered, and when.
pub(crate) struct Remembered {
    pub(crate) used: Used,
    pub(crate) answer: Answer,
    pub(crate) at: DateTime<Utc>,
}

/// Nothing until the first request is answered; whoever holds the lock carries it out.
pub(crate) type Slot = Arc<Mutex<Option<Remembered>>>;

#[derive(Default)]
pub(crate) struct Memory(Mutex<Slots>);

#[derive(Default)]
struct Slots {
    by_key: HashMap<Scope, Slot>,
    oldest_first: VecDeque<Scope>,
}

impl Memory {
    pub(crate) fn slot(&self, scope: Scope) -> Slot {
        let mut slots = locked(&self.0);
        if let Some(slot) = slots.by_key.get(&scope) {
            return Arc::clone(slot);
        }
        if slots.oldest_first.len() == KEYS_KEPT
            && let Some(oldest) = slots.oldest_first.pop_front()
        {
            slots.by_key.remove(&oldest);
        }
        let slot = Slot::default();
        slots.oldest_first.push_back(scope.clone());
        slots.by_key.insert(scope, Arc::clone(&slot));
        slot
    }
}
