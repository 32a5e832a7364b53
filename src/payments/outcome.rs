//! Outcome: what a start is told as, once the provider has answered or not: pure.

use mcpay_port::{Failure, NextStep, PaymentRef, ProviderError, Started};

use super::failures::is_passing;
use super::payment::Payment;

/// How the provider's part ended; rendered once by the caller, stored, and replayed byte by byte.
#[derive(Debug)]
pub enum InitiateOutcome {
    Started {
        payment: PaymentRef,
        next: NextStep,
    },
    /// The provider said no to the request itself.
    Refused(Failure),
    /// It did not happen.
    Unavailable,
    /// It may have happened; the reconciler owns it now.
    Unknown {
        payment: PaymentRef,
    },
}

/// A payment that was given up while the provider started it must not be paid any more.
pub(super) fn outcome_for(
    current: &Payment,
    called: &Result<Started, ProviderError>,
) -> InitiateOutcome {
    let payment = current.reference;
    match called {
        Ok(_) if !current.status.is_pending() => InitiateOutcome::Unknown { payment },
        Ok(started) => InitiateOutcome::Started {
            payment,
            next: started.next.clone(),
        },
        Err(error) => outcome_of(payment, error),
    }
}

fn outcome_of(payment: PaymentRef, error: &ProviderError) -> InitiateOutcome {
    match error {
        ProviderError::MayHaveHappened(_) => InitiateOutcome::Unknown { payment },
        ProviderError::DidNotHappen(failure) if is_passing(failure) => InitiateOutcome::Unavailable,
        ProviderError::DidNotHappen(failure) => InitiateOutcome::Refused(failure.clone()),
    }
}
