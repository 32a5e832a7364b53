//! How often each call may be made, kept here so that the provider has nothing to refuse: its limits
//! of 2023. They were unified in 2025, that is raised, but it does not tell in full to what.
//!
//! It counts by the minute, for each reference. How it divides time into minutes is not documented,
//! so no minute is too full here, wherever it begins. Where much is allowed half may come at once, and
//! the rest comes back evenly, so that nobody who reads too often locks out for long whoever asks with
//! better reason, such as a webhook. Where little is allowed, all of it may come at once. Each process
//! counts for itself; where several run, the provider's own 429 is the backstop.

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

/// How many may come at once, and how many come back in a minute. No minute has more than their sum less
/// one, which is what the provider allows.
struct Allowance {
    at_once: NonZeroU32,
    in_a_minute: NonZeroU32,
}

#[allow(clippy::unwrap_used, reason = "it is evaluated when it is compiled")]
const fn allowance(at_once: u32, in_a_minute: u32) -> Allowance {
    Allowance {
        at_once: NonZeroU32::new(at_once).unwrap(),
        in_a_minute: NonZeroU32::new(in_a_minute).unwrap(),
    }
}

const READS: Allowance = allowance(61, 60);
const CHARGE_READS: Allowance = allowance(5, 6);
const DRAFTS: Allowance = allowance(151, 150);
const CHARGE_CREATES: Allowance = allowance(2, 1);
/// Also of the list of agreements, of which one search takes four.
const FEW: Allowance = allowance(5, 1);

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

/// The kind of call, the sales unit, and what it is about.
type Key = (Kind, String, String);

type Limiter<C> =
    RateLimiter<Key, DefaultKeyedStateStore<Key>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// What was called lately, for every account.
pub struct Limits<C: Clock = DefaultClock> {
    reads: Limiter<C>,
    charge_reads: Limiter<C>,
    drafts: Limiter<C>,
    charge_creates: Limiter<C>,
    few: Limiter<C>,
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
        let limiter = |allowance: Allowance| {
            let quota = Quota::per_minute(allowance.in_a_minute).allow_burst(allowance.at_once);
            RateLimiter::dashmap_with_clock(quota, clock.clone())
        };
        Self {
            reads: limiter(READS),
            charge_reads: limiter(CHARGE_READS),
            drafts: limiter(DRAFTS),
            charge_creates: limiter(CHARGE_CREATES),
            few: limiter(FEW),
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
            self.forget_idle();
        }
        let key = (
            limit.kind,
            settings.merchant_serial_number.clone(),
            limit.of.clone(),
        );
        match self.limiter(limit.kind).check_key_n(&key, calls) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refusal)) => Err(too_often(refusal.wait_time_from(self.clock.now()))),
            // More at once than ever come back: no caller asks for that.
            Err(_) => Err(too_often(MINUTE)),
        }
    }

    fn limiter(&self, kind: Kind) -> &Limiter<C> {
        match kind {
            Kind::GetPayment | Kind::GetEvents | Kind::GetAgreement => &self.reads,
            Kind::GetCharge => &self.charge_reads,
            Kind::DraftAgreement => &self.drafts,
            Kind::CreateCharge => &self.charge_creates,
            Kind::CreatePayment
            | Kind::CapturePayment
            | Kind::RefundPayment
            | Kind::CancelPayment
            | Kind::ListAgreements
            | Kind::UpdateAgreement
            | Kind::CaptureCharge
            | Kind::RefundCharge
            | Kind::CancelCharge => &self.few,
        }
    }

    fn forget_idle(&self) {
        for limiter in [
            &self.reads,
            &self.charge_reads,
            &self.drafts,
            &self.charge_creates,
            &self.few,
        ] {
            limiter.retain_recent();
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
