//! What Nexi shall notify us of. It is told per payment, once for every event.

use secrecy::SecretString;
use url::Url;

use crate::config::{Settings, is_loopback};
use crate::wire::request::{Exposed, Notifications, WebHook};

/// Everything after which a payment may stand otherwise. There is no event for a terminated or
/// expired payment.
const EVENTS: [&str; 12] = [
    "payment.created",
    "payment.reservation.created.v2",
    "payment.reservation.failed",
    "payment.checkout.completed",
    "payment.charge.created.v2",
    "payment.charge.failed",
    "payment.charge.failed.v2",
    "payment.cancel.created",
    "payment.cancel.failed",
    "payment.refund.initiated.v2",
    "payment.refund.completed",
    "payment.refund.failed",
];
const MAX_URL_LENGTH: usize = 256;

/// One entry per event, or none when Nexi could not post there: then the payment is only looked
/// at when the payer returns and by the timer.
pub fn notifications<'a>(
    settings: &Settings,
    callback: &'a Url,
    key: &'a SecretString,
) -> Option<Notifications<'a>> {
    is_reachable(settings, callback).then(|| Notifications {
        web_hooks: EVENTS
            .into_iter()
            .map(|event_name| WebHook {
                event_name,
                url: callback.as_str(),
                authorization: Exposed(key),
            })
            .collect(),
    })
}

/// Nexi posts to https only; a sandbox on this machine also posts to this machine.
fn is_reachable(settings: &Settings, callback: &Url) -> bool {
    let is_local = is_loopback(callback) && is_loopback(&settings.base_url);
    (callback.scheme() == "https" || is_local)
        && callback.as_str().len() <= MAX_URL_LENGTH
        && !callback.as_str().contains(['<', '>', '\'', '"', '&', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::{settings, settings_at};
    use std::collections::BTreeSet;

    fn is_sent(settings: &Settings, callback: &str) -> bool {
        let callback = callback.parse().unwrap();
        notifications(settings, &callback, &"key".into()).is_some()
    }

    #[test]
    fn every_event_has_one_entry_with_the_address_and_the_key() {
        let settings = settings("unscheduled");
        let callback: Url = "https://mcpay.example/callbacks/nexi/1".parse().unwrap();
        let key = "A1b2C3d4".into();
        let sent = notifications(&settings, &callback, &key).unwrap();
        let names: BTreeSet<&str> = sent.web_hooks.iter().map(|hook| hook.event_name).collect();
        assert_eq!(names.len(), sent.web_hooks.len());
        assert_eq!(names.len(), EVENTS.len());
        let body = serde_json::to_value(&sent).unwrap();
        for hook in body["webHooks"].as_array().unwrap() {
            assert_eq!(hook["url"], callback.as_str());
            assert_eq!(hook["authorization"], "A1b2C3d4");
        }
    }

    #[test]
    fn an_address_that_nexi_could_not_post_to_is_not_named() {
        let real = settings("unscheduled");
        assert!(is_sent(&real, "https://mcpay.example/callbacks/nexi/1"));
        for callback in [
            "http://mcpay.example/callbacks/nexi/1",
            "http://localhost:8080/callbacks/nexi/1",
            "https://mcpay.example/callbacks?a=1&b=2",
            &format!("https://mcpay.example/{}", "x".repeat(256)),
        ] {
            assert!(!is_sent(&real, callback), "{callback}");
        }
        let sandbox = settings_at(
            "http://localhost:8080/sandbox/nexi",
            "http://localhost:8080/sandbox/nexi/v1/checkout.js",
        );
        assert!(is_sent(&sandbox, "http://127.0.0.1:9/callbacks/nexi/1"));
        assert!(!is_sent(&sandbox, "http://mcpay.example/callbacks/nexi/1"));
    }
}
