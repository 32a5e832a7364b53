//! `GET _calls`: which provider calls were made for a payment, so that a test can prove that none
//! was made twice.

use std::collections::{HashMap, VecDeque};

use actix_web::web::{Data, Query, ServiceConfig};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::problems::Problem;
use super::state::{State, locked};

/// The oldest payments' calls are forgotten beyond this many payments.
const REFERENCES_KEPT: usize = 100_000;
/// A payment that is asked for again and again does not fill the memory alone.
const CALLS_KEPT_OF_ONE: usize = 1_000;

/// A call that belongs to a payment.
pub(crate) struct Seen {
    operation: &'static str,
    reference: String,
    /// `payeeReference`: the provider's guard against doing a thing twice.
    key: Option<String>,
}

impl Seen {
    pub(crate) fn new(operation: &'static str, reference: String, key: Option<&str>) -> Self {
        Self {
            operation,
            reference,
            key: key.map(str::to_owned),
        }
    }

    pub(crate) fn answered(self, at: DateTime<Utc>, status: u16) -> Recorded {
        Recorded {
            seen: self,
            at,
            status,
        }
    }
}

/// A call and what it was answered (also when the answer was then held back).
pub(crate) struct Recorded {
    seen: Seen,
    at: DateTime<Utc>,
    status: u16,
}

impl Recorded {
    fn to_json(&self) -> Value {
        let mut body = json!({
            "operation": self.seen.operation,
            "at": self.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "status": self.status,
        });
        if let Some(key) = &self.seen.key {
            body["idempotencyKey"] = Value::String(key.clone());
        }
        body
    }
}

#[derive(Default)]
pub(crate) struct Calls {
    by_reference: HashMap<String, VecDeque<Recorded>>,
    oldest_first: VecDeque<String>,
}

impl Calls {
    pub(crate) fn record(&mut self, call: Recorded) {
        let reference = call.seen.reference.clone();
        if !self.by_reference.contains_key(&reference) {
            self.oldest_first.push_back(reference.clone());
            if self.oldest_first.len() > REFERENCES_KEPT
                && let Some(oldest) = self.oldest_first.pop_front()
            {
                self.by_reference.remove(&oldest);
            }
        }
        let calls = self.by_reference.entry(reference).or_default();
        if calls.len() == CALLS_KEPT_OF_ONE {
            calls.pop_front();
        }
        calls.push_back(call);
    }

    fn to_json(&self, reference: &str) -> Value {
        let calls = self.by_reference.get(reference);
        Value::Array(calls.into_iter().flatten().map(Recorded::to_json).collect())
    }
}

#[derive(Deserialize)]
struct Wanted {
    reference: Option<String>,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.route("/_calls", web::get().to(list));
}

async fn list(state: Data<State>, wanted: Query<Wanted>) -> HttpResponse {
    let Some(reference) = &wanted.reference else {
        let problem = Problem::field(
            "reference",
            "Say which payment: `_calls?reference={mcPayRef}`.",
        );
        return HttpResponse::BadRequest()
            .content_type("application/problem+json")
            .body(problem.to_json().to_string());
    };
    HttpResponse::Ok().json(locked(&state.calls).to_json(reference))
}
