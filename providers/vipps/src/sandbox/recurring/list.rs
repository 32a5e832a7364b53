//! `GET /agreements` in pages, and the charges of one agreement.

use actix_web::web::Query;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::FAMILY;
use super::agreement::{self, STATUSES, Status};
use super::render;
use crate::sandbox::access::find;
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::problem::Problem;
use crate::sandbox::state::locked;

const CONTINUATION_HEADER: &str = "Continuation-Token";
const PAGE_SIZE: usize = 500;
const LARGEST_PAGE: usize = 2000;
const CONTINUATION_FOR: TimeDelta = TimeDelta::minutes(10);

/// Where a list goes on.
#[derive(Clone)]
pub(crate) struct Continuation {
    unit: String,
    filter: Filter,
    next: usize,
    size: usize,
    until: DateTime<Utc>,
}

#[derive(Clone)]
struct Filter {
    status: Status,
    created_after: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    status: Option<String>,
    /// Epoch milliseconds.
    created_after: Option<i64>,
    page_number: Option<usize>,
    page_size: Option<usize>,
}

/// # Errors
/// 400 for parameters that cannot be read and for an old continuation.
pub(crate) fn agreements(call: &Call<'_>) -> Answer {
    let from = match find(call.headers, CONTINUATION_HEADER) {
        Some(token) => resume(call, token)?,
        None => begin(call)?,
    };
    let mut shown: Vec<Value> = Vec::new();
    let mut matching = 0;
    let mut has_more = false;
    for shared in call.state.books(|books| books.agreements_of(call.unit())) {
        let agreement = agreement::settled(call, &shared);
        let fits = agreement.status == from.filter.status
            && from
                .filter
                .created_after
                .is_none_or(|after| agreement.created_at > after);
        if !fits {
            continue;
        }
        matching += 1;
        if matching <= from.next {
            continue;
        }
        if shown.len() == from.size {
            has_more = true;
            break;
        }
        shown.push(render::agreement(call.state, &agreement));
    }
    let mut reply = Reply::json(200, Value::Array(shown));
    if has_more {
        reply.continuation = Some(go_on(call, from));
    }
    Ok(reply)
}

fn begin(call: &Call<'_>) -> Result<Continuation, Problem> {
    let asked = Query::<Asked>::from_query(call.query)
        .map_err(|_| wrong("status, createdAfter, pageNumber or pageSize"))?
        .into_inner();
    let size = asked.page_size.unwrap_or(PAGE_SIZE);
    if !(1..=LARGEST_PAGE).contains(&size) {
        return Err(wrong("pageSize"));
    }
    let page = asked.page_number.unwrap_or(1);
    let before = page
        .checked_sub(1)
        .and_then(|pages| pages.checked_mul(size));
    let created_after = match asked.created_after {
        None => None,
        Some(millis) => {
            Some(DateTime::from_timestamp_millis(millis).ok_or_else(|| wrong("createdAfter"))?)
        }
    };
    Ok(Continuation {
        unit: call.unit().to_owned(),
        filter: Filter {
            status: read_status(asked.status.as_deref())?,
            created_after,
        },
        next: before.ok_or_else(|| wrong("pageNumber"))?,
        size,
        until: call.now + CONTINUATION_FOR,
    })
}

/// Only what is active, unless another status is asked for.
fn read_status(name: Option<&str>) -> Result<Status, Problem> {
    let name = name.unwrap_or("ACTIVE");
    let found = STATUSES.into_iter().find(|status| status.name() == name);
    found.ok_or_else(|| wrong("status"))
}

fn resume(call: &Call<'_>, token: &str) -> Result<Continuation, Problem> {
    let kept = locked(&call.state.continuations);
    Uuid::parse_str(token)
        .ok()
        .and_then(|token| kept.get(&token).cloned())
        .filter(|kept| kept.unit == call.unit() && kept.until > call.now)
        .ok_or_else(|| wrong(CONTINUATION_HEADER))
}

fn go_on(call: &Call<'_>, mut from: Continuation) -> String {
    from.next += from.size;
    from.until = call.now + CONTINUATION_FOR;
    let token = Uuid::new_v4();
    let mut kept = locked(&call.state.continuations);
    kept.retain(|_, kept| kept.until > call.now);
    kept.insert(token, from);
    token.to_string()
}

fn wrong(name: &str) -> Problem {
    let entry = crate::sandbox::problem::Entry {
        name: name.to_owned(),
        reason: "is not valid".to_owned(),
    };
    Problem::invalid(FAMILY, &[entry])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedCharges {
    status: Option<String>,
}

/// # Errors
/// 404.
pub(crate) fn charges(call: &Call<'_>, id: &str) -> Answer {
    let asked = Query::<AskedCharges>::from_query(call.query).map_err(|_| wrong("status"))?;
    let shared = agreement::get(call, id)?;
    let agreement = agreement::settled(call, &shared);
    let wanted = |name: &str| asked.status.as_deref().is_none_or(|status| status == name);
    let shown = agreement
        .charges
        .iter()
        .filter(|charge| wanted(charge.status.name()));
    let shown = shown.map(|charge| render::charge(&agreement.name, charge));
    Ok(Reply::json(200, shown.collect()))
}
