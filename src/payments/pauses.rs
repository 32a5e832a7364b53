//! Payments that a provider asked not to be asked about for a while (`Retry-After`): pure but for its
//! memory. Each process remembers for itself; another one is told so by the provider too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use mcpay_port::PaymentRef;

/// The first sweep; later ones come when twice as many are kept as the last one left.
const FIRST_SWEEP: usize = 1_000;

#[derive(Default)]
pub(super) struct Pauses(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    until: HashMap<PaymentRef, DateTime<Utc>>,
    swept_to: usize,
}

impl Pauses {
    pub(super) fn begin(&self, payment: PaymentRef, until: DateTime<Utc>, now: DateTime<Utc>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.until.len() >= kept.swept_to.saturating_mul(2).max(FIRST_SWEEP) {
            kept.until.retain(|_, until| *until > now);
            kept.swept_to = kept.until.len();
        }
        kept.until.insert(payment, until);
    }

    pub(super) fn has(&self, payment: PaymentRef, now: DateTime<Utc>) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pauses = kept.until.get(&payment).is_some_and(|until| *until > now);
        if !pauses {
            kept.until.remove(&payment);
        }
        pauses
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn payment(number: u128) -> PaymentRef {
        PaymentRef(Uuid::from_u128(number))
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_payment_is_left_alone_until_its_time_and_no_other_is() {
        let pauses = Pauses::default();
        pauses.begin(payment(1), at(7), at(0));
        assert!(pauses.has(payment(1), at(6)));
        assert!(!pauses.has(payment(2), at(6)));
        assert!(!pauses.has(payment(1), at(7)));
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let pauses = Pauses::default();
        for number in (0_u128..).take(FIRST_SWEEP) {
            pauses.begin(payment(number), at(7), at(0));
        }
        pauses.begin(payment(7_777_777), at(20), at(10));
        assert_eq!(pauses.0.lock().unwrap().until.len(), 1);
    }
}
