//! Stored cards and subscriptions: what a create may wish for, and what the payer has given.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::api::{Answer, Call};
use super::cards::Used;
use super::fields::Part;
use super::payment::{Payment, new_id};
use super::problem::{Problem, Wrong};
use super::render;
use super::state::{State, locked};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A stored card that may be charged any amount at any time.
    Unscheduled,
    /// A fixed price at regular times, with an end.
    Subscription,
}

/// When a subscription may be charged.
#[derive(Clone, Copy)]
pub(crate) struct Schedule {
    pub(crate) end_at: DateTime<Utc>,
    /// The least number of days between charges.
    pub(crate) interval_days: i64,
}

/// What a create asks the payer for.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    /// The agreement whose card is replaced.
    replaces: Option<String>,
    schedule: Option<Schedule>,
}

/// No `Debug`: the id moves money.
#[derive(Clone)]
pub(crate) struct Agreement {
    pub(crate) account: usize,
    pub(crate) kind: Kind,
    pub(crate) used: Used,
    pub(crate) schedule: Option<Schedule>,
    /// When it was made or charged last.
    pub(crate) charged_at: DateTime<Utc>,
}

impl Agreement {
    /// Whether a subscription's interval and end allow a charge.
    ///
    /// # Errors
    /// 400, with the provider's number for it.
    pub(crate) fn check(&self, now: DateTime<Utc>) -> Result<(), Problem> {
        let Some(schedule) = self.schedule else {
            return Ok(());
        };
        if now > schedule.end_at {
            return Err(Problem::Numbered {
                status: 400,
                code: "1030",
                message: "The subscription has expired.",
            });
        }
        let age = now.signed_duration_since(self.charged_at);
        if age < TimeDelta::days(schedule.interval_days) {
            let text = "The subscription's interval is not over.";
            return Err(Problem::field("subscriptionId", text));
        }
        Ok(())
    }
}

/// By id.
pub(crate) type Agreements = HashMap<String, Agreement>;

/// The wish in a create's body.
pub(crate) fn read(
    state: &State,
    account: usize,
    body: &Part<'_>,
    wrong: &mut Wrong,
) -> Option<Wanted> {
    let unscheduled = body.find("unscheduledSubscription");
    let subscription = body.find("subscription");
    if unscheduled.is_some() && subscription.is_some() {
        wrong.add(
            "subscription",
            "A payment has one kind of subscription or none.",
        );
        return None;
    }
    if let Some(part) = unscheduled {
        let replaces = replaced(state, account, &part, wrong, Kind::Unscheduled);
        let creates = part.flag(wrong, "create").unwrap_or_default();
        return (creates || replaces.is_some()).then_some(Wanted {
            kind: Kind::Unscheduled,
            replaces,
            schedule: None,
        });
    }
    let part = subscription?;
    part.flag(wrong, "allowVariableAmount");
    let interval_days = part.integer(wrong, "interval").unwrap_or_default();
    if interval_days < 0 {
        wrong.add(part.path_of("interval"), "It must not be negative.");
    }
    let replaces = replaced(state, account, &part, wrong, Kind::Subscription);
    if replaces.is_none() {
        part.get(wrong, "endDate");
    }
    let end = part.find("endDate");
    let end_at = end.and_then(|end| {
        let end_at = DateTime::parse_from_rfc3339(end.value.as_str().unwrap_or_default()).ok();
        if end_at.is_none() {
            wrong.add(end.path, "It must be a time with an offset.");
        }
        end_at
    });
    Some(Wanted {
        kind: Kind::Subscription,
        replaces,
        schedule: end_at.map(|end_at| Schedule {
            end_at: end_at.to_utc(),
            interval_days,
        }),
    })
}

fn replaced(
    state: &State,
    account: usize,
    part: &Part<'_>,
    wrong: &mut Wrong,
    kind: Kind,
) -> Option<String> {
    let name = match kind {
        Kind::Unscheduled => "unscheduledSubscriptionId",
        Kind::Subscription => "subscriptionId",
    };
    let id = part.find(name)?;
    let known = find(state, account, kind, id.value.as_str().unwrap_or_default());
    if known.is_none() {
        wrong.add(id.path, "There is no such subscription.");
    }
    known.map(|(id, _)| id)
}

/// The account's agreement of this id, with or without hyphens.
pub(crate) fn find(
    state: &State,
    account: usize,
    kind: Kind,
    id: &str,
) -> Option<(String, Agreement)> {
    let id = id.replace('-', "").to_ascii_lowercase();
    let agreements = locked(&state.agreements);
    let found = agreements.get(&id)?;
    (found.account == account && found.kind == kind).then(|| (id, found.clone()))
}

/// The payer has given what was wished for.
pub(crate) fn give(state: &State, payment: &mut Payment, used: &Used, now: DateTime<Utc>) {
    let Some(wanted) = payment.wanted.clone() else {
        return;
    };
    let mut agreements = locked(&state.agreements);
    let id = wanted.replaces.unwrap_or_else(new_id);
    let before = agreements.get(&id);
    let agreement = Agreement {
        account: payment.account,
        kind: wanted.kind,
        used: used.clone(),
        schedule: wanted
            .schedule
            .or(before.and_then(|before| before.schedule)),
        charged_at: before.map_or(now, |before| before.charged_at),
    };
    agreements.insert(id.clone(), agreement);
    payment.agreement_id = Some(id);
}

/// `GET /v1/(unscheduled)subscriptions/{id}`
pub(crate) fn retrieve(call: &Call<'_>, kind: Kind, id: &str) -> Answer {
    let found = find(call.state, call.account, kind, id);
    let (id, agreement) = found.ok_or(Problem::NOT_FOUND)?;
    let details = render::payment_details(&agreement.used);
    let body: Value = match agreement.schedule {
        None => json!({ "unscheduledSubscriptionId": id, "paymentDetails": details }),
        Some(schedule) => json!({
            "subscriptionId": id,
            "interval": schedule.interval_days,
            "endDate": render::time(schedule.end_at),
            "paymentDetails": details,
        }),
    };
    Ok((200, Some(body)))
}
