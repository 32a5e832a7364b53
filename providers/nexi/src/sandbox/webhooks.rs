//! Webhooks: what a create subscribes to, and how an event is delivered. Only 200 is taken.

use std::time::Duration;

use mcpay_sandbox::Delivery;
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;
use url::Url;

use super::fields::{HOOK_URL, PLAIN, Part, is_local};
use super::payment::Payment;
use super::problem::Wrong;
use super::state::State;

/// The provider's schedule is not public; this one grows as its text says.
const DELIVERY: Delivery = Delivery {
    retries_seconds: &[1, 5, 30, 120, 600, 3_600, 21_600],
    accepts: |status| *status == StatusCode::OK,
    try_for: Duration::from_secs(10),
    is_ordered: false,
};
const MOST: usize = 32;
const EVENTS: [&str; 15] = [
    "payment.created",
    "payment.reservation.created",
    "payment.reservation.created.v2",
    "payment.reservation.failed",
    "payment.checkout.completed",
    "payment.charge.created",
    "payment.charge.created.v2",
    "payment.charge.failed",
    "payment.charge.failed.v2",
    "payment.refund.initiated",
    "payment.refund.initiated.v2",
    "payment.refund.completed",
    "payment.refund.failed",
    "payment.cancel.created",
    "payment.cancel.failed",
];

/// No `Debug`: the authorization is a secret.
#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) event: String,
    url: Url,
    authorization: String,
}

/// `notifications.webHooks`; the provider takes `webhooks` too.
pub(crate) fn read(body: &Part<'_>, wrong: &mut Wrong) -> Vec<Webhook> {
    let Some(notifications) = body.find("notifications") else {
        return Vec::new();
    };
    let list = notifications.find("webHooks");
    let Some(list) = list.or_else(|| notifications.find("webhooks")) else {
        return Vec::new();
    };
    let entries = list.entries(wrong);
    if entries.len() > MOST {
        wrong.add(&list.path, "There may be 32 webhooks at most.");
    }
    let hook = |entry: &Part<'_>| self::hook(entry, wrong);
    entries.iter().filter_map(hook).collect()
}

fn hook(entry: &Part<'_>, wrong: &mut Wrong) -> Option<Webhook> {
    let event = entry.get_text(wrong, "eventName", PLAIN);
    if event.is_some_and(|event| !EVENTS.contains(&event)) {
        wrong.add(entry.path_of("eventName"), "There is no such event.");
    }
    let url = entry.get_text(wrong, "url", HOOK_URL);
    let url = url.and_then(|url| Url::parse(url).ok());
    // The provider posts to https only. This machine has no certificate.
    let url = url.filter(|url| url.scheme() == "https" || url.scheme() == "http" && is_local(url));
    if url.is_none() {
        wrong.add(entry.path_of("url"), "It must be an https URL.");
    }
    let authorization = entry.get_text(wrong, "authorization", PLAIN);
    let fits = |text: &str| {
        (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if !authorization.is_some_and(fits) {
        let text = "It must be 8 to 64 letters and digits.";
        wrong.add(entry.path_of("authorization"), text);
    }
    Some(Webhook {
        event: event?.to_owned(),
        url: url?,
        authorization: authorization?.to_owned(),
    })
}

/// Posts a body to whoever subscribed to its event.
pub(crate) fn send(state: &State, payment: &mut Payment, event: &str, body: &Value) {
    let hooks: Vec<Webhook> = payment
        .webhooks
        .iter()
        .filter(|hook| hook.event == event)
        .cloned()
        .collect();
    for hook in hooks {
        let body = body.to_string();
        state
            .stage
            .notify(DELIVERY, &mut payment.notifications, move |http| {
                http.post(hook.url.clone())
                    .header(AUTHORIZATION, hook.authorization.as_str())
                    .header(CONTENT_TYPE, "application/json; charset=utf-8")
                    .body(body.clone())
            });
    }
}
