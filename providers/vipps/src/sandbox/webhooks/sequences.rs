//! The order in which one payment's events reach each registered address.

use std::collections::HashMap;
use std::time::Duration;

use chrono::Utc;
use mcpay_sandbox::{Delivery, Notifications};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;
use uuid::Uuid;

use super::sign::sign;
use crate::sandbox::state::{State, locked};

/// The tries after the first: every two seconds, then one and two minutes later, then hourly, and
/// daily until a week has passed.
const TRIES: usize = 34;
const HOUR_SECONDS: u32 = 3600;
const RETRIES_SECONDS: [u32; TRIES] = schedule();

const fn schedule() -> [u32; TRIES] {
    let mut times = [0; TRIES];
    let (mut index, mut at) = (0, 0);
    while index < TRIES {
        at += match index {
            0..3 => 2,
            3 => 60,
            4 => 120,
            5..28 => HOUR_SECONDS,
            _ => 24 * HOUR_SECONDS,
        };
        times[index] = at;
        index += 1;
    }
    times
}

const DELIVERY: Delivery = Delivery {
    retries_seconds: &RETRIES_SECONDS,
    accepts: |status| status.is_success(),
    try_for: Duration::from_secs(10),
    is_ordered: true,
};

/// One sequence for each registration.
#[derive(Default)]
pub(crate) struct Sequences(HashMap<Uuid, Notifications>);

impl Sequences {
    /// Tells every registration of the sales unit that wants this event.
    pub(crate) fn send(&mut self, state: &State, unit: &str, event: &str, body: &Value) {
        let registrations = locked(&state.registrations);
        let wanting = registrations
            .iter()
            .filter(|registration| registration.unit == unit && registration.wants(event));
        for registration in wanting {
            let sequence = self.0.entry(registration.id).or_default();
            let (url, secret) = (registration.url.clone(), registration.secret.clone());
            let body = body.to_string();
            state.stage.notify(DELIVERY, sequence, move |http| {
                // The merchant's clock is the real one, however the sandbox's is set.
                let date = Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                let signed = sign(&secret, &url, &date, body.as_bytes());
                http.post(url.clone())
                    .header(CONTENT_TYPE, "application/json")
                    .header("x-ms-date", date)
                    .header("x-ms-content-sha256", signed.content_sha256)
                    .header(AUTHORIZATION, signed.authorization)
                    .body(body.clone())
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_grows_and_ends_within_a_week() {
        assert_eq!(RETRIES_SECONDS[..6], [2, 4, 6, 66, 186, 3786]);
        assert!(RETRIES_SECONDS.is_sorted());
        let week = 7 * 24 * HOUR_SECONDS;
        assert!((week - 2 * HOUR_SECONDS..week).contains(&RETRIES_SECONDS[TRIES - 1]));
    }
}
