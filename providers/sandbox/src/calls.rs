//! `GET _calls`: which provider calls were made for a payment, so that a test can prove that none
//! was made twice.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::lock::locked;
use crate::refusal::Refusal;
use crate::stage::Simulator;

/// The oldest payments' calls are forgotten beyond this many payments.
const REFERENCES_KEPT: usize = 100_000;
/// A payment that is asked for again and again does not fill the memory alone.
const CALLS_KEPT_OF_ONE: usize = 1_000;

/// What a call asked for, in the words of CONTRACT 7.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    Initiate,
    Inquire,
    Capture,
    Cancel,
    Refund,
    Charge,
}

/// A call that belongs to a payment.
#[derive(Clone, Debug)]
pub struct Seen {
    asked: Asked,
    reference: String,
    key: Option<String>,
}

impl Seen {
    /// `reference` is the merchant's name for the payment, the mcPayRef; `key` is what guards the
    /// provider against doing a thing twice.
    pub fn new(asked: Asked, reference: impl Into<String>, key: Option<&str>) -> Self {
        Self {
            asked,
            reference: reference.into(),
            key: key.map(str::to_owned),
        }
    }
}

/// A call and what it was answered (also when the answer was then held back).
struct Recorded {
    seen: Seen,
    at: DateTime<Utc>,
    status: u16,
}

impl Recorded {
    fn to_json(&self) -> Value {
        let mut body = json!({
            "operation": self.seen.asked,
            "at": self.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "status": self.status,
        });
        if let Some(key) = &self.seen.key {
            body["idempotencyKey"] = Value::String(key.clone());
        }
        body
    }
}

/// The calls of each payment, oldest first.
#[derive(Default)]
pub struct Calls {
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    by_reference: HashMap<String, VecDeque<Recorded>>,
    oldest_first: VecDeque<String>,
}

impl Calls {
    /// Notes a call that came `at` and was answered `status`. [`crate::Stage::pass`] does it for
    /// the calls that it takes through.
    pub fn record(&self, seen: Seen, at: DateTime<Utc>, status: u16) {
        let mut log = locked(&self.log);
        let reference = seen.reference.clone();
        if !log.by_reference.contains_key(&reference) {
            log.oldest_first.push_back(reference.clone());
            if log.oldest_first.len() > REFERENCES_KEPT
                && let Some(oldest) = log.oldest_first.pop_front()
            {
                log.by_reference.remove(&oldest);
            }
        }
        let calls = log.by_reference.entry(reference).or_default();
        if calls.len() == CALLS_KEPT_OF_ONE {
            calls.pop_front();
        }
        calls.push_back(Recorded { seen, at, status });
    }

    fn to_json(&self, reference: &str) -> Value {
        let log = locked(&self.log);
        let calls = log.by_reference.get(reference);
        Value::Array(calls.into_iter().flatten().map(Recorded::to_json).collect())
    }
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    reference: Option<String>,
}

pub(crate) async fn list<S: Simulator>(
    state: Data<S>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Refusal> {
    let Some(reference) = &wanted.reference else {
        let text = "Say which payment: `_calls?reference={mcPayRef}`.";
        return Err(Refusal::unreadable("reference", text));
    };
    Ok(HttpResponse::Ok().json(state.stage().calls.to_json(reference)))
}
