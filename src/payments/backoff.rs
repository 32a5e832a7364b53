//! How long the timer waits before it asks a provider again: pure.

use chrono::TimeDelta;

/// After this the waits grow no more.
const LONGEST_SECONDS: i64 = 15 * 60;

const FIRST_SECONDS: i64 = 5;

/// The wait after a payment has been asked about `inquiries` times before: 5 s, 10 s, 20 s, and so
/// on, doubled up to 15 minutes.
pub fn backoff(inquiries: i32) -> TimeDelta {
    let seconds = u32::try_from(inquiries.max(0))
        .ok()
        .and_then(|doublings| 2_i64.checked_pow(doublings))
        .and_then(|factor| FIRST_SECONDS.checked_mul(factor))
        .unwrap_or(LONGEST_SECONDS)
        .min(LONGEST_SECONDS);
    TimeDelta::seconds(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_starts_at_five_seconds_and_doubles() {
        let waits: Vec<_> = (0..5).map(|n| backoff(n).num_seconds()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80]);
    }

    #[test]
    fn the_wait_never_exceeds_a_quarter_of_an_hour_and_never_shrinks() {
        assert_eq!(backoff(7), TimeDelta::seconds(640));
        for inquiries in [8, 9, 31, 32, 62, 63, 64, i32::MAX] {
            assert_eq!(backoff(inquiries), TimeDelta::minutes(15), "{inquiries}");
        }
        assert_eq!(backoff(-1), backoff(0));
    }
}
