//! `GET|PUT _control`: latency, faults and tricks with notifications, for people, tests and load
//! (CONTRACT 7.2, which calls notifications callbacks).

use std::str::FromStr;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Number;
use uuid::Uuid;

use crate::refusal::Refusal;
use crate::stage::Simulator;

/// How often something happens: 0 never, 1 always.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Rate {
    shown: Number,
    #[serde(skip)]
    per_million: u64,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            shown: Number::from(0),
            per_million: 0,
        }
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let shown = Number::deserialize(deserializer)?;
        let text = shown.to_string();
        Decimal::from_str(&text)
            .or_else(|_| Decimal::from_scientific(&text))
            .ok()
            .filter(|rate| (Decimal::ZERO..=Decimal::ONE).contains(rate))
            .and_then(|rate| rate.checked_mul(Decimal::from(1_000_000)))
            .and_then(|rate| u64::try_from(rate.round()).ok())
            .map(|per_million| Self { shown, per_million })
            .ok_or_else(|| de::Error::custom("a rate is a number from 0 to 1"))
    }
}

impl Rate {
    /// Throws the dice.
    pub(crate) fn hits(&self) -> bool {
        self.per_million > 0 && random_below(1_000_000) < self.per_million
    }
}

/// 0 to `below` - 1, evenly enough for faults. Zero when `below` is zero.
fn random_below(below: u64) -> u64 {
    let dice = Uuid::new_v4().as_u128() & u128::from(u32::MAX);
    let dice = dice.checked_rem(u128::from(below)).unwrap_or_default();
    u64::try_from(dice).unwrap_or_default()
}

/// What happens to one API call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Answered,
    /// It has no effect.
    Failed,
    /// It takes effect, and nobody learns of it.
    Unanswered,
}

/// The controls; what a PUT leaves out stays as it is.
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own in the contract
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Controls {
    latency_ms: u64,
    latency_jitter_ms: u64,
    /// API calls answered 500 without an effect.
    fail_rate: Rate,
    /// API calls that take effect and are never answered.
    timeout_rate: Rate,
    callback_delay_ms: u64,
    pub(crate) drop_callbacks: bool,
    pub(crate) duplicate_callbacks: bool,
    pub(crate) reorder_callbacks: bool,
    /// The payer of a payment made from now on approves by itself.
    pub auto_approve: bool,
}

impl Controls {
    /// How long this call takes.
    pub(crate) fn latency(&self) -> Duration {
        let jitter = match self.latency_jitter_ms {
            0 => 0,
            most => random_below(most.saturating_add(1)),
        };
        Duration::from_millis(self.latency_ms.saturating_add(jitter))
    }

    /// Throws the dice for one call.
    pub(crate) fn fate(&self) -> Fate {
        if self.fail_rate.hits() {
            Fate::Failed
        } else if self.timeout_rate.hits() {
            Fate::Unanswered
        } else {
            Fate::Answered
        }
    }

    pub(crate) fn callback_delay(&self) -> Duration {
        Duration::from_millis(self.callback_delay_ms)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    latency_ms: Option<u64>,
    latency_jitter_ms: Option<u64>,
    fail_rate: Option<Rate>,
    timeout_rate: Option<Rate>,
    callback_delay_ms: Option<u64>,
    drop_callbacks: Option<bool>,
    duplicate_callbacks: Option<bool>,
    reorder_callbacks: Option<bool>,
    auto_approve: Option<bool>,
}

/// Nobody waits longer than ten minutes on purpose.
const LONGEST_MS: u64 = 600_000;

impl Change {
    fn is_too_long(&self) -> bool {
        [
            self.latency_ms,
            self.latency_jitter_ms,
            self.callback_delay_ms,
        ]
        .into_iter()
        .flatten()
        .any(|wait| wait > LONGEST_MS)
    }

    fn apply(self, controls: &mut Controls) {
        fn set<T>(target: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *target = value;
            }
        }
        set(&mut controls.latency_ms, self.latency_ms);
        set(&mut controls.latency_jitter_ms, self.latency_jitter_ms);
        set(&mut controls.fail_rate, self.fail_rate);
        set(&mut controls.timeout_rate, self.timeout_rate);
        set(&mut controls.callback_delay_ms, self.callback_delay_ms);
        set(&mut controls.drop_callbacks, self.drop_callbacks);
        set(&mut controls.duplicate_callbacks, self.duplicate_callbacks);
        set(&mut controls.reorder_callbacks, self.reorder_callbacks);
        set(&mut controls.auto_approve, self.auto_approve);
    }
}

pub(crate) async fn show<S: Simulator>(state: Data<S>) -> HttpResponse {
    HttpResponse::Ok().json(state.stage().controls())
}

pub(crate) async fn change<S: Simulator>(
    state: Data<S>,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let change: Change = serde_json::from_slice(&body).map_err(|error| {
        Refusal::unreadable("Body", format!("The controls cannot be read: {error}."))
    })?;
    if change.is_too_long() {
        let text = format!("Waiting times are at most {LONGEST_MS} ms.");
        return Err(Refusal::unreadable("Body", text));
    }
    let now = state
        .stage()
        .change_controls(|controls| change.apply(controls));
    Ok(HttpResponse::Ok().json(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_exactly_and_only_from_zero_to_one() {
        for (text, per_million) in [
            ("0", 0),
            ("1", 1_000_000),
            ("0.25", 250_000),
            ("1e-3", 1_000),
        ] {
            assert_eq!(
                serde_json::from_str::<Rate>(text).unwrap().per_million,
                per_million
            );
        }
        for text in ["-0.1", "1.01", "\"0.5\"", "2", "1e400"] {
            assert!(serde_json::from_str::<Rate>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rate_of_one_always_hits_and_a_rate_of_zero_never() {
        let always: Rate = serde_json::from_str("1").unwrap();
        let never = Rate::default();
        assert!((0..1000).all(|_| always.hits() && !never.hits()));
    }
}
