//! What a provider's failure means for the next try: pure. What the failure was told as to a merchant
//! is said elsewhere (`answer`, `outcome`).

use chrono::TimeDelta;
use mcpay_port::{Failure, FailureKind};

/// Whether it did not happen for a reason that passes by itself. A time-out or a broken provider is
/// met here before anything was sent: at the access token, or at a look that comes first.
pub(super) const fn is_passing(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Unreachable
            | FailureKind::RateLimited { .. }
            | FailureKind::Timeout
            | FailureKind::ProviderBroken
    )
}

/// Whether a try that did not happen leaves open what became of an earlier one of the same operation:
/// only the provider's refusal of the request itself tells that, since it would have repeated its first
/// answer. That it does not know what it knew before is no more than a wrong key.
pub(super) const fn proves_nothing(failure: &Failure) -> bool {
    !matches!(
        failure.kind,
        FailureKind::Refused | FailureKind::Unsupported
    )
}

/// How long the provider asks to be left alone.
pub(super) fn find_wait(failure: &Failure) -> Option<TimeDelta> {
    match failure.kind {
        FailureKind::RateLimited { retry_after } => TimeDelta::from_std(retry_after?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const KINDS: [(FailureKind, bool, bool); 10] = [
        (FailureKind::Unreachable, true, true),
        (FailureKind::Timeout, true, true),
        (FailureKind::Refused, false, false),
        (FailureKind::NotFound, false, true),
        (FailureKind::Unauthorized, false, true),
        (FailureKind::RateLimited { retry_after: None }, true, true),
        (FailureKind::ProviderBroken, true, true),
        (FailureKind::BadAnswer, false, true),
        (FailureKind::Unsupported, false, false),
        (FailureKind::Misconfigured, false, true),
    ];

    #[test]
    fn every_failure_either_passes_or_does_not_and_proves_something_or_nothing() {
        for (kind, passes, proves_nothing_of_before) in KINDS {
            let failure = Failure::new(kind);
            assert_eq!(is_passing(&failure), passes, "{kind:?}");
            assert_eq!(
                proves_nothing(&failure),
                proves_nothing_of_before,
                "{kind:?}"
            );
        }
    }

    #[test]
    fn a_wait_is_told_only_by_who_limits_us() {
        let retry_after = Some(Duration::from_secs(7));
        let limited = Failure::new(FailureKind::RateLimited { retry_after });
        assert_eq!(find_wait(&limited), Some(TimeDelta::seconds(7)));
        let forever = Some(Duration::MAX);
        let limited = Failure::new(FailureKind::RateLimited {
            retry_after: forever,
        });
        assert_eq!(find_wait(&limited), None);
        assert_eq!(find_wait(&Failure::new(FailureKind::Timeout)), None);
    }
}
