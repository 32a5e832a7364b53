//! The time of a simulator, which a test can move: `GET|PUT _clock`, so that expiry, due dates and
//! retries are reached without waiting for them.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::refusal::Refusal;
use crate::stage::Simulator;

/// A hundred years either way; no payment lives longer.
const FURTHEST_SECONDS: i64 = 100 * 365 * 24 * 60 * 60;

/// The real time and an offset; clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    offset: watch::Sender<TimeDelta>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            offset: watch::Sender::new(TimeDelta::zero()),
        }
    }
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        let now = Utc::now();
        now.checked_add_signed(*self.offset.borrow()).unwrap_or(now)
    }

    /// Waits until the clock shows `at`, because time passed or because somebody moved it.
    pub async fn sleep_until(&self, at: DateTime<Utc>) {
        let mut moved = self.offset.subscribe();
        while let Ok(left) = at.signed_duration_since(self.now()).to_std() {
            if left.is_zero() {
                return;
            }
            // Either way the time is looked at again.
            let _ = timeout(left, moved.changed()).await;
        }
    }

    fn setting(&self) -> Setting {
        Setting {
            offset_seconds: self.offset.borrow().num_seconds(),
        }
    }
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Setting {
    offset_seconds: i64,
}

pub(crate) async fn show<S: Simulator>(state: Data<S>) -> HttpResponse {
    HttpResponse::Ok().json(state.stage().clock.setting())
}

pub(crate) async fn set<S: Simulator>(
    state: Data<S>,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let wanted: Setting = serde_json::from_slice(&body).map_err(|error| {
        Refusal::unreadable("Body", format!("Send {{\"offsetSeconds\":n}}: {error}."))
    })?;
    let offset = TimeDelta::try_seconds(wanted.offset_seconds)
        .filter(|_| (-FURTHEST_SECONDS..=FURTHEST_SECONDS).contains(&wanted.offset_seconds))
        .ok_or_else(|| Refusal::unreadable("Body", "The clock moves by 100 years at most."))?;
    let clock = &state.stage().clock;
    clock.offset.send_replace(offset);
    Ok(HttpResponse::Ok().json(clock.setting()))
}
