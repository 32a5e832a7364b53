//! How often each call may be made, kept here so that the provider has nothing to refuse: its limits
//! of 2023, which are the newest that it has told in full (API guides, "rate limiting").
//!
//! It counts by the minute, for each reference. How it divides time into minutes is not documented,
//! so no minute is too full here, wherever it begins. Of reads half may come at once, and the rest
//! comes back evenly, so that nobody who asks too often locks out for long whoever asks with better
//! reason, such as a webhook. Changes are few: all that is allowed may come at once. Each process
//! counts for itself; where several run, the provider's own 429 is the backstop.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use mcpay_port::{Failure, FailureKind, ProviderError};

use crate::config::Settings;

const MINUTE: Duration = Duration::from_secs(60);
/// After so many calls, what has its whole allowance back is forgotten.
const SWEEP_EVERY: u64 = 10_000;

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    CreatePayment,
    GetPayment,
    GetEvents,
    CapturePayment,
    RefundPayment,
    CancelPayment,
    DraftAgreement,
    GetAgreement,
    ListAgreements,
    UpdateAgreement,
    CreateCharge,
    GetCharge,
    CaptureCharge,
    RefundCharge,
    CancelCharge,
}

impl Kind {
    const ALL: [Self; 15] = [
        Self::CreatePayment,
        Self::GetPayment,
        Self::GetEvents,
        Self::CapturePayment,
        Self::RefundPayment,
        Self::CancelPayment,
        Self::DraftAgreement,
        Self::GetAgreement,
        Self::ListAgreements,
        Self::UpdateAgreement,
        Self::CreateCharge,
        Self::GetCharge,
        Self::CaptureCharge,
        Self::RefundCharge,
        Self::CancelCharge,
    ];

    /// How many may come at once, and how many come back in a minute. No minute has more than their
    /// sum less one, which is what the provider allows.
    const fn allowance(self) -> (u32, u32) {
        match self {
            Self::DraftAgreement => (151, 150),
            Self::GetPayment | Self::GetEvents | Self::GetAgreement => (61, 60),
            Self::GetCharge => (5, 6),
            Self::ListAgreements
            | Self::CreatePayment
            | Self::CapturePayment
            | Self::RefundPayment
            | Self::CancelPayment
            | Self::UpdateAgreement
            | Self::CaptureCharge
            | Self::RefundCharge
            | Self::CancelCharge => (5, 1),
            Self::CreateCharge => (2, 1),
        }
    }

    fn quota(self) -> Option<Quota> {
        let (at_once, in_a_minute) = self.allowance();
        let quota = Quota::with_period(MINUTE.checked_div(in_a_minute)?)?;
        Some(quota.allow_burst(NonZeroU32::new(at_once)?))
    }
}

/// What a call counts as: its kind, and the payment, charge or agreement that it is about. Nothing for
/// what is counted for the whole sales unit.
#[derive(Clone, Debug)]
pub struct Limit {
    kind: Kind,
    of: String,
}

impl Limit {
    pub fn new(kind: Kind, of: impl Into<String>) -> Self {
        Self {
            kind,
            of: of.into(),
        }
    }
}

type Limiter<C> =
    RateLimiter<String, DefaultKeyedStateStore<String>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// What was called lately, for every account.
pub struct Limits<C: Clock = DefaultClock> {
    limiters: HashMap<Kind, Limiter<C>>,
    calls: AtomicU64,
    clock: C,
}

impl Default for Limits {
    fn default() -> Self {
        Self::with_clock(DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limits<C> {
    fn with_clock(clock: C) -> Self {
        let limiters = Kind::ALL.into_iter().filter_map(|kind| {
            let limiter = RateLimiter::dashmap_with_clock(kind.quota()?, clock.clone());
            Some((kind, limiter))
        });
        Self {
            limiters: limiters.collect(),
            calls: AtomicU64::new(0),
            clock,
        }
    }

    /// Counts `calls` at once, or none of them.
    ///
    /// # Errors
    /// `DidNotHappen(RateLimited)` with the time to wait.
    pub fn take(
        &self,
        settings: &Settings,
        limit: &Limit,
        calls: NonZeroU32,
    ) -> Result<(), ProviderError> {
        if self.calls.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiters.values().for_each(RateLimiter::retain_recent);
        }
        let Some(limiter) = self.limiters.get(&limit.kind) else {
            return Ok(());
        };
        let key = format!("{}/{}", settings.merchant_serial_number, limit.of);
        match limiter.check_key_n(&key, calls) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refusal)) => Err(too_often(refusal.wait_time_from(self.clock.now()))),
            // More at once than ever come back: no caller asks for that.
            Err(_) => Err(too_often(MINUTE)),
        }
    }
}

fn too_often(wait: Duration) -> ProviderError {
    let retry_after = Some(wait);
    let failure = Failure::new(FailureKind::RateLimited { retry_after });
    ProviderError::DidNotHappen(failure.titled("not sent: the provider allows no more in a minute"))
}

#[cfg(test)]
#[path = "limits_test.rs"]
mod tests;
