//! What a charge becomes by the answer to its call, recorded over whatever has changed meanwhile.
//!
//! A charge may be called several times under one key, and only what the provider says of the charge
//! itself tells how the earlier calls ended: a repetition that did not get through proves nothing
//! about them. What must never live here: calls.

use mcpay_port::{Charged, ProviderError};

use super::backoff::backoff;
use super::carry::Owner;
use super::failures::{is_passing, proves_nothing};
use super::operate::OWNER_LIMIT;
use super::operation::{OperationOutcome, OperationStatus, StoredOperation};
use super::payment::{Payment, Reason};
use super::ports::Change;
use super::service::Payments;
use super::state;

/// One call of a charge.
pub(super) struct ChargeCall<'a> {
    pub operation: &'a StoredOperation,
    pub owner: Owner,
    /// Whether an earlier call may have got through, as far as anybody knows.
    pub is_repeat: bool,
}

/// Whether the call has had its effect: the provider knows the charge, or the payment is over.
pub(super) fn is_known(payment: &Payment) -> bool {
    payment.provider_ref.is_some() || !payment.status.is_pending()
}

impl ChargeCall<'_> {
    /// Whether the charge may have been made all the same.
    fn is_open(&self, error: &ProviderError) -> bool {
        error.may_have_happened() || (self.is_repeat && proves_nothing(error.failure()))
    }

    /// Whether it is just called again, because nobody has heard of it.
    fn waits(&self, error: &ProviderError) -> bool {
        self.owner == Owner::Service && !self.is_open(error) && is_passing(error.failure())
    }
}

impl Payments {
    pub(super) fn charge_recorded(
        &self,
        current: &Payment,
        call: &ChargeCall<'_>,
        called: &Result<Charged, ProviderError>,
        may_repeat: bool,
    ) -> Change {
        let now = self.clock.now();
        let mut outcome = OperationOutcome::of(
            call.operation.operation,
            called,
            |_| OperationStatus::Done,
            now,
        );
        let mut change = match called {
            Ok(Charged::Started(id)) => {
                let mut payment = current.clone();
                payment.provider_ref.get_or_insert_with(|| id.clone());
                Change::of(payment)
            }
            // An inquiry has found it meanwhile, and believes the provider rather than this call.
            Ok(Charged::Declined { .. }) | Err(_) if is_known(current) => {
                return self.charge_found(current, call.operation);
            }
            Ok(Charged::Declined { code, .. }) => {
                outcome.status = OperationStatus::Failed;
                outcome.code = Some(code.clone());
                self.change_of(state::decline(current, now))
            }
            Err(error) if call.is_open(error) => {
                let mut lost = self.charge_lost(current, call.operation, may_repeat);
                if let Some(outcome) = &mut lost.operation {
                    outcome.code.clone_from(&error.failure().code);
                }
                return lost;
            }
            Err(error) if call.waits(error) => {
                let mut payment = current.clone();
                payment.inquire_at = None;
                return Change::of(payment);
            }
            Err(_) => self.change_of(state::give_up(current, Reason::Error, now)),
        };
        change.operation = Some(outcome);
        change
    }

    /// Nobody knows what became of the call. It is called again where that is harmless, ever more
    /// seldom, until the provider answers.
    pub(super) fn charge_lost(
        &self,
        current: &Payment,
        operation: &StoredOperation,
        may_repeat: bool,
    ) -> Change {
        if is_known(current) {
            return self.charge_found(current, operation);
        }
        let now = self.clock.now();
        let wait = backoff(operation.tries).max(OWNER_LIMIT);
        let outcome = OperationOutcome {
            operation: operation.operation,
            status: OperationStatus::Unknown,
            code: None,
            finished_at: now,
            due_at: may_repeat.then(|| now + wait),
        };
        Change {
            operation: Some(outcome),
            ..self.change_of(state::lose_sight(current))
        }
    }

    /// The call is done, whatever it was answered: from here on inquiries tell how the charge stands.
    pub(super) fn charge_found(&self, current: &Payment, operation: &StoredOperation) -> Change {
        let outcome =
            OperationOutcome::ended(operation.operation, OperationStatus::Done, self.clock.now());
        Change {
            operation: Some(outcome),
            ..Change::of(current.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use mcpay_port::{Failure, FailureKind, Operation, OperationId, PaymentRef};
    use uuid::Uuid;

    use super::*;
    use crate::payments::operation::OperationKind;

    const PASSING: [FailureKind; 4] = [
        FailureKind::Unreachable,
        FailureKind::RateLimited { retry_after: None },
        FailureKind::Timeout,
        FailureKind::ProviderBroken,
    ];
    const OUR_OWN: [FailureKind; 4] = [
        FailureKind::NotFound,
        FailureKind::Unauthorized,
        FailureKind::Misconfigured,
        FailureKind::BadAnswer,
    ];
    const ANSWERS: [FailureKind; 2] = [FailureKind::Refused, FailureKind::Unsupported];

    fn operation() -> StoredOperation {
        StoredOperation {
            operation: Operation {
                id: OperationId(Uuid::from_u128(1)),
                number: 1,
            },
            payment: PaymentRef(Uuid::from_u128(2)),
            kind: OperationKind::Charge,
            amount: None,
            vat: None,
            order: None,
            status: OperationStatus::Unknown,
            code: None,
            requested_at: DateTime::<Utc>::UNIX_EPOCH,
            finished_at: None,
            due_at: None,
            tries: 0,
        }
    }

    /// Whether it is open, and whether it waits.
    fn verdict(is_repeat: bool, error: &ProviderError) -> (bool, bool) {
        let operation = operation();
        let call = ChargeCall {
            operation: &operation,
            owner: Owner::Service,
            is_repeat,
        };
        (call.is_open(error), call.waits(error))
    }

    fn not_done(kind: FailureKind) -> ProviderError {
        ProviderError::DidNotHappen(Failure::new(kind))
    }

    #[test]
    fn a_first_call_that_did_not_happen_has_ended_or_waits_for_what_passes() {
        for kind in PASSING {
            assert_eq!(verdict(false, &not_done(kind)), (false, true), "{kind:?}");
        }
        for kind in OUR_OWN.into_iter().chain(ANSWERS) {
            assert_eq!(verdict(false, &not_done(kind)), (false, false), "{kind:?}");
        }
    }

    #[test]
    fn a_repetition_that_did_not_get_through_proves_nothing() {
        for kind in PASSING.into_iter().chain(OUR_OWN) {
            assert_eq!(verdict(true, &not_done(kind)), (true, false), "{kind:?}");
        }
    }

    #[test]
    fn a_repetition_that_the_provider_refused_has_ended() {
        for kind in ANSWERS {
            assert_eq!(verdict(true, &not_done(kind)), (false, false), "{kind:?}");
        }
    }

    #[test]
    fn what_may_have_happened_is_open_whatever_it_was() {
        for kind in PASSING.into_iter().chain(OUR_OWN).chain(ANSWERS) {
            let error = ProviderError::MayHaveHappened(Failure::new(kind));
            for is_repeat in [false, true] {
                assert_eq!(verdict(is_repeat, &error), (true, false), "{kind:?}");
            }
        }
    }
}
