//! The real clock and the real source of identifiers. Everything else gets them injected.

use aws_lc_rs::rand;
use chrono::{DateTime, SubsecRound as _, Utc};
use uuid::Uuid;

use crate::ports::{Clock, Ids};

/// This machine's time and randomness.
pub struct System;

impl Clock for System {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

impl Ids for System {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is what everybody else gets injected"
    )]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn key(&self) -> String {
        Uuid::from_bytes(random()).simple().to_string()
    }

    fn number(&self) -> u64 {
        // 9 * 10^11 numbers out of 2^64: the bias is below 10^-7.
        100_000_000_000 + u64::from_be_bytes(random()) % 900_000_000_000
    }
}

/// Bytes nobody can guess. The operating system's generator failing leaves nothing sensible to do.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    assert!(
        rand::fill(&mut bytes).is_ok(),
        "the system has no randomness"
    );
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_twelve_digits_and_keys_thirty_two() {
        for _ in 0..1_000 {
            assert_eq!(System.number().to_string().len(), 12);
            assert_eq!(System.key().len(), 32);
        }
        assert_ne!(System.key(), System.key());
    }
}
