//! How long the timer waits before it asks a provider again: pure.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;
use mcpay_port::{PaymentMethod, Polling};

use super::providers::Providers;

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

/// When the timer first looks at a payment that its provider says nothing about.
const FIRST_LOOK: TimeDelta = TimeDelta::seconds(30);

/// How the timer asks about payments, by their method.
#[derive(Clone, Debug, Default)]
pub struct Polls(HashMap<PaymentMethod, Polling>);

impl Polls {
    /// As the adapters say; where they say nothing, the back-off alone.
    pub fn of(providers: &Providers) -> Self {
        let known = providers.values().filter_map(|provider| {
            let capabilities = provider.capabilities();
            let polling = capabilities.polling?;
            Some(
                capabilities
                    .methods
                    .iter()
                    .map(move |method| (*method, polling)),
            )
        });
        Self(known.flatten().collect())
    }

    /// The wait after the start; callbacks and returns are usually faster.
    pub fn first(&self, method: PaymentMethod) -> TimeDelta {
        self.0
            .get(&method)
            .map_or(FIRST_LOOK, |polling| delta(polling.first))
    }

    /// The wait after `inquiries` of the timer. Where no payer is to be waited for, `is_awaited` is
    /// false, and only the back-off counts.
    pub fn next(&self, method: PaymentMethod, inquiries: i32, is_awaited: bool) -> TimeDelta {
        let Some(polling) = self.0.get(&method).filter(|_| is_awaited) else {
            return backoff(inquiries);
        };
        let steady = i32::try_from(polling.times).unwrap_or(i32::MAX);
        let every = delta(polling.every);
        if inquiries < steady {
            every
        } else {
            backoff(inquiries.saturating_sub(steady)).max(every)
        }
    }
}

fn delta(wait: Duration) -> TimeDelta {
    TimeDelta::from_std(wait).unwrap_or(FIRST_LOOK)
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

    #[test]
    fn a_payer_is_waited_for_at_a_steady_pace_and_then_by_the_back_off() {
        let polling = Polling {
            first: Duration::from_secs(5),
            every: Duration::from_secs(10),
            times: 3,
        };
        let method = PaymentMethod::VippsEcommerce;
        let polls = Polls(HashMap::from([(method, polling)]));
        let waits = |is_awaited| -> Vec<_> {
            (0..7)
                .map(|asked| polls.next(method, asked, is_awaited).num_seconds())
                .collect()
        };
        assert_eq!(polls.first(method), TimeDelta::seconds(5));
        assert_eq!(waits(true), [10, 10, 10, 10, 10, 20, 40]);
        assert_eq!(waits(false), [5, 10, 20, 40, 80, 160, 320]);
        assert_eq!(polls.first(PaymentMethod::CreditcardPayex), FIRST_LOOK);
    }
}
