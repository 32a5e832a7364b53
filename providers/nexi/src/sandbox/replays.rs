//! `Idempotency-Key`: a repeated call gets the first status and body again and has no effect.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use serde_json::Value;

use super::api::Answer;
use super::problem::Problem;
use super::state::locked;

/// The oldest keys are forgotten beyond this many.
const KEYS_KEPT: usize = 100_000;
/// The documented length of a key.
const LONGEST_KEY: usize = 64;

/// Account, path of the call, key.
type Place = (usize, String, String);

struct Kept {
    amount: Option<i64>,
    status: u16,
    body: Option<Value>,
}

#[derive(Default)]
struct Store {
    by_place: HashMap<Place, Kept>,
    oldest_first: VecDeque<Place>,
}

#[derive(Default)]
pub(crate) struct Replays(Mutex<Store>);

/// # Errors
/// 400, for a key that is empty or too long.
pub(crate) fn check(key: Option<&str>) -> Result<(), Problem> {
    match key {
        Some(key) if key.is_empty() || key.len() > LONGEST_KEY => Err(Problem::field(
            "Idempotency-Key",
            "It must have 1 to 64 characters.",
        )),
        _ => Ok(()),
    }
}

impl Replays {
    /// Answers what was answered before to this key at this path; `other_amount` when the amount
    /// is another one. Else works, and keeps what went through and what was declined. Two calls
    /// with a key never work at the same time, nor do others with keys: the work is short.
    pub(crate) fn answer(
        &self,
        place: Option<Place>,
        amount: Option<i64>,
        other_amount: impl FnOnce() -> Problem,
        work: impl FnOnce() -> Answer,
    ) -> Answer {
        let Some(place) = place else {
            return work();
        };
        let mut store = locked(&self.0);
        if let Some(kept) = store.by_place.get(&place) {
            return if kept.amount == amount {
                Ok((kept.status, kept.body.clone()))
            } else {
                Err(other_amount())
            };
        }
        let answer = work();
        if let Some(kept) = Kept::of(amount, &answer) {
            store.by_place.insert(place.clone(), kept);
            store.oldest_first.push_back(place);
            if store.oldest_first.len() > KEYS_KEPT
                && let Some(oldest) = store.oldest_first.pop_front()
            {
                store.by_place.remove(&oldest);
            }
        }
        answer
    }

    /// What a call that went through was answered.
    pub(crate) fn find(&self, place: &Place) -> Option<Value> {
        let store = locked(&self.0);
        let kept = store.by_place.get(place)?;
        kept.body.clone().filter(|_| kept.status < 300)
    }
}

impl Kept {
    fn of(amount: Option<i64>, answer: &Answer) -> Option<Self> {
        let (status, body) = match answer {
            Ok((status, body)) => (*status, body.clone()),
            Err(problem) if problem.status() == 402 => (402, problem.to_json()),
            Err(_) => return None,
        };
        Some(Self {
            amount,
            status,
            body,
        })
    }
}
