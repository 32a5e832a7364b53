//! What every call of the APIs goes through: the controls, access, the headers, limits, and the
//! memory of keys. The calls themselves have their own files.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use mcpay_sandbox::{Asked, Seen};
use serde_json::{Value, json};

use super::SandboxAccount;
use super::access::{self, find};
use super::limits::Limit;
use super::memory::{Remembered, Used};
use super::problem::{Family, Problem};
use super::rules::Rules;
use super::state::{State, locked};

pub(crate) const KEY: &str = "Idempotency-Key";

/// How a call was answered.
pub(crate) type Answer = Result<Reply, Problem>;

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
    /// The header that goes on with a list.
    pub(crate) continuation: Option<String>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            body: Some(body),
            continuation: None,
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            body: None,
            continuation: None,
        }
    }
}

/// One call, after everything that is the same for all was checked.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a Arc<State>,
    pub(crate) account: &'a SandboxAccount,
    pub(crate) now: DateTime<Utc>,
    /// Empty where none is asked for.
    pub(crate) key: &'a str,
    pub(crate) body: &'a Value,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) query: &'a str,
}

impl Call<'_> {
    pub(crate) fn unit(&self) -> &str {
        &self.account.merchant_serial_number
    }
}

/// Whether a call has a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Optional,
    Required,
}

/// What a kind of call needs.
pub(crate) struct Needs {
    family: Family,
    key: bool,
    body: Body,
    limit: Option<Limit>,
    seen: Option<Seen>,
}

impl Needs {
    pub(crate) fn reads(family: Family) -> Self {
        Self {
            family,
            key: false,
            body: Body::None,
            limit: None,
            seen: None,
        }
    }

    /// A change, which needs a key.
    pub(crate) fn changes(family: Family, body: Body) -> Self {
        Self {
            key: true,
            body,
            ..Self::reads(family)
        }
    }

    /// A change without a key.
    pub(crate) fn writes(family: Family, body: Body) -> Self {
        Self {
            body,
            ..Self::reads(family)
        }
    }

    pub(crate) fn at_most(mut self, per_minute: u32, what: &'static str, of: &str) -> Self {
        self.limit = Some(Limit {
            what,
            of: of.to_owned(),
            per_minute,
        });
        self
    }

    /// What is recorded of it, when it belongs to a payment.
    pub(crate) fn seen(
        mut self,
        asked: Asked,
        reference: Option<&str>,
        request: &HttpRequest,
    ) -> Self {
        let key = find(request.headers(), KEY);
        self.seen = reference.map(|reference| Seen::new(asked, reference, key));
        self
    }
}

pub(crate) async fn handle(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    needs: Needs,
    work: impl FnOnce(&Call<'_>) -> Answer,
) -> HttpResponse {
    let state = state.into_inner();
    let instance = instance(&state, &request);
    let family = needs.family;
    let seen = needs.seen.clone();
    let fail = || {
        let text = "The request was not carried out (the sandbox's failRate).";
        let problem = Problem::plain(family, 500, "Internal Server Error", text);
        respond(Err(problem), &instance)
    };
    let work = || {
        let answer = answer(&state, &request, &body, &needs, work);
        respond(answer, &instance)
    };
    state.stage.pass(seen, fail, work).await
}

/// The path as the provider's own services see it: without the name of the API.
fn instance(state: &State, request: &HttpRequest) -> String {
    let path = request.path();
    let path = path.strip_prefix(state.base_path.as_str()).unwrap_or(path);
    let path = path.trim_start_matches('/');
    path.split_once('/')
        .map_or_else(|| format!("/{path}"), |(_, rest)| format!("/{rest}"))
}

fn answer(
    state: &Arc<State>,
    request: &HttpRequest,
    body: &Bytes,
    needs: &Needs,
    work: impl FnOnce(&Call<'_>) -> Answer,
) -> Answer {
    let (family, now, headers) = (needs.family, state.now(), request.headers());
    let account = access::authorize(state, family, headers, now)?;
    let key = if needs.key {
        read_key(family, headers)?
    } else {
        ""
    };
    let Rules {
        rate_limits,
        busy_seconds,
        ..
    } = locked(&state.rules).clone();
    if busy_seconds > 0 {
        return Err(too_many(family, busy_seconds.into()));
    }
    if let Some(limit) = &needs.limit
        && rate_limits
    {
        let taken = state
            .limits
            .take(&account.merchant_serial_number, limit, now);
        taken.map_err(|left| too_many(family, left))?;
    }
    let body = read_body(family, headers, body, needs.body)?;
    let call = Call {
        state,
        account: &account,
        now,
        key,
        body: &body,
        headers,
        query: request.query_string(),
    };
    if needs.key {
        once(&call, family, request, work)
    } else {
        work(&call)
    }
}

/// Carries a request out, unless its key has been used.
fn once(
    call: &Call<'_>,
    family: Family,
    request: &HttpRequest,
    work: impl FnOnce(&Call<'_>) -> Answer,
) -> Answer {
    let used = Used {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        body: call.body.clone(),
    };
    let scope = (family, call.unit().to_owned(), call.key.to_owned());
    let slot = call.state.memory.slot(scope);
    let mut slot = locked(&slot);
    let kept = locked(&call.state.rules).keys_kept();
    let fresh = |it: &&Remembered| call.now.signed_duration_since(it.at) < kept;
    if let Some(before) = slot.as_ref().filter(fresh) {
        return if before.used == used {
            before.answer.clone()
        } else {
            Err(conflict(family, &used.path, call.key))
        };
    }
    let answer = work(call);
    let is_transient = |problem: &Problem| problem.is_transient || problem.status >= 500;
    if !answer.as_ref().is_err_and(is_transient) {
        *slot = Some(Remembered {
            used,
            answer: answer.clone(),
            at: call.now,
        });
    }
    answer
}

fn conflict(family: Family, path: &str, key: &str) -> Problem {
    if family == Family::Recurring {
        let text = "Idempotency-Key was used for another request";
        return Problem::recurring(409, "idempotency-conflict", text);
    }
    let code = match path.rsplit('/').next() {
        Some("capture") => "4010",
        Some("refund") => "4150",
        _ => "4020",
    };
    Problem::code(code, format!("Idempotency-Key {key} already exists."))
}

fn too_many(family: Family, left: i64) -> Problem {
    let text = "Too many of these calls in a minute.";
    let mut problem = Problem::plain(family, 429, "Too Many Requests", text);
    problem.retry_after_seconds = Some(left);
    problem
}

/// The two APIs bound the key differently.
fn read_key(family: Family, headers: &HeaderMap) -> Result<&str, Problem> {
    let key = find(headers, KEY).unwrap_or_default();
    let (longest, forbidden): (usize, &[char]) = match family {
        Family::Recurring => (40, &['#', '?', '/', '\\']),
        _ => (50, &[]),
    };
    let reason = if key.is_empty() {
        "is required"
    } else if key.len() > longest {
        "is too long"
    } else if key.contains(forbidden) || !key.chars().all(|c| c.is_ascii_graphic()) {
        "has characters that are not allowed"
    } else {
        return Ok(key);
    };
    Err(Problem::header(family, KEY, reason))
}

fn read_body(
    family: Family,
    headers: &HeaderMap,
    bytes: &Bytes,
    rule: Body,
) -> Result<Value, Problem> {
    if bytes.is_empty() && rule != Body::Required {
        return Ok(Value::Null);
    }
    let json_type = find(headers, CONTENT_TYPE.as_str())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json"));
    if !json_type {
        let text = "Send the body as application/json.";
        return Err(match family {
            Family::Recurring => Problem::recurring(415, "unsupported-media-type", text),
            _ => Problem::plain(family, 415, "Unsupported Media Type", text),
        });
    }
    let body = serde_json::from_slice::<Value>(bytes).ok();
    let body = body.filter(Value::is_object);
    if rule == Body::None {
        return Err(Problem::header(family, "body", "must be empty"));
    }
    body.ok_or_else(|| match family {
        Family::Recurring => {
            Problem::recurring(400, "invalid-json", "The body must be a JSON object.")
        }
        _ => Problem::header(family, "body", "must be a JSON object"),
    })
}

/// Whatever has no route.
pub(crate) async fn unknown_path() -> HttpResponse {
    respond(Err(Problem::gateway(404, "Resource not found")), "")
}

pub(crate) fn respond(answer: Answer, instance: &str) -> HttpResponse {
    let status = match &answer {
        Ok(reply) => reply.status,
        Err(problem) => problem.status,
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    match answer {
        Ok(reply) => {
            if let Some(continuation) = reply.continuation {
                response.insert_header(("Continuation-Token", continuation));
            }
            match reply.body {
                Some(body) => response.json(body),
                None => response.finish(),
            }
        }
        Err(mut problem) => {
            let is_problem = problem.body.get("type").is_some();
            if is_problem && problem.body.get("instance").is_none() {
                problem.body["instance"] = json!(instance);
            }
            if let Some(seconds) = problem.retry_after_seconds {
                response.insert_header((RETRY_AFTER, seconds.to_string()));
            }
            let kind = if is_problem {
                "application/problem+json"
            } else {
                "application/json"
            };
            response.content_type(kind).body(problem.body.to_string())
        }
    }
}
