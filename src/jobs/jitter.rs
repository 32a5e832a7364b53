//! Spreading of waiting times, so that instances which started together do not act together.
//!
//! What must never live here: anything that must be unguessable. This is not cryptography.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// `wait`, made up to a tenth shorter or longer at random.
pub(super) fn jittered(wait: Duration) -> Duration {
    // Every `RandomState` has keys of its own, which makes the hash of anything a random number.
    let percent = u32::try_from(RandomState::new().hash_one(0_u8) % 21).unwrap_or_default();
    (wait / 100).saturating_mul(90 + percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_stays_within_a_tenth_and_varies() {
        let wait = Duration::from_secs(100);
        let waits: Vec<_> = (0..200).map(|_| jittered(wait)).collect();
        for wait in &waits {
            assert!((90..=110).contains(&wait.as_secs()), "{wait:?}");
        }
        assert!(
            waits.iter().any(|wait| *wait != waits[0]),
            "always {:?}",
            waits[0]
        );
    }
}
