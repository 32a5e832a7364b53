//! Carry: bring an operation whose intent is committed to the provider, record what it answers,
//! and ask how the payment then stands.
//!
//! Always under the lock of the payment. It may be repeated with the same operation: the port
//! promises that money moves once.

use chrono::{DateTime, Utc};
use mcpay_port::{
    AgreementId, AgreementRef, Attempt, ChargeAttempt, Failure, FailureKind, Money, Progress,
    ProviderError,
};

use super::automatic::{REFUSALS, automatic_capture, is_captured_by_itself};
use super::backoff::backoff;
use super::budget::Asker;
use super::failures::{find_wait, is_passing, proves_nothing};
use super::ledger;
use super::operation::{OperationKind, OperationOutcome, OperationStatus, StoredOperation};
use super::payment::Payment;
use super::ports::{Change, OrderRefund, Saved};
use super::service::{Payments, Trouble, within_limit};
use crate::events::EventType;
use crate::ports::StoreError;

/// After a refused capture the next one waits as long as the timer does after so many tries.
const TRIES_PER_REFUSAL: i32 = 4;

/// Who waits for the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A backend, which is told when it did not happen and may ask again.
    Backend,
    /// Nobody: the service tries until it knows.
    Service,
}

/// What the provider answered.
pub(super) struct Carried(pub Result<Progress, ProviderError>);

impl Payments {
    pub(super) async fn carry(
        &self,
        payment: Payment,
        operation: &StoredOperation,
        owner: Owner,
    ) -> Result<Carried, Trouble> {
        let called = self.call(&payment, operation).await?;
        if let Err(error) = &called {
            tracing::warn!(
                mc_pay_ref = %payment.reference, operation = operation.kind.as_str(), %error,
                "the provider did not do it"
            );
        }
        let reference = payment.reference;
        let recorded = self.record(payment, operation, &called, owner).await;
        let payment = match recorded {
            Ok(payment) => payment,
            Err(error) => {
                // It stays due, and is repeated: nobody knows how it ended until then.
                tracing::error!(mc_pay_ref = %reference, %error, "an outcome is not recorded");
                let lost = ProviderError::MayHaveHappened(Failure::new(FailureKind::Timeout));
                return Ok(Carried(Err(lost)));
            }
        };
        self.ask_after(payment, Asker::Happening).await;
        Ok(Carried(called))
    }

    /// How the payment stands after something was done to it; as it was when nobody answers.
    pub(super) async fn ask_after(&self, payment: Payment, asker: Asker) -> Payment {
        let asking = async {
            let (account, provider) = self.provider_of(&payment)?;
            let (payment, follow_up) = self
                .ask(payment.clone(), &account, provider.as_ref(), asker)
                .await?;
            self.follow_up(payment, follow_up, &account, provider.as_ref(), asker)
                .await
        };
        match asking.await {
            Ok(payment) => payment,
            Err(error) => {
                tracing::warn!(mc_pay_ref = %payment.reference, %error, "the timer asks later");
                payment
            }
        }
    }

    async fn call(
        &self,
        payment: &Payment,
        operation: &StoredOperation,
    ) -> Result<Result<Progress, ProviderError>, Trouble> {
        let (account, provider) = self.provider_of(payment)?;
        let account = &account.account;
        let id = operation.operation;
        let zero = Money::zero(payment.amount.currency());
        let (amount, vat) = (
            operation.amount.unwrap_or(zero),
            operation.vat.unwrap_or(zero),
        );
        if matches!(
            operation.kind,
            OperationKind::Cancel | OperationKind::Refund
        ) {
            // Providers that count are looked at before either, and that counts as well.
            self.note_question(payment, provider.as_ref());
        }
        let attempt = self.attempt_on(payment).await?;
        let call = match operation.kind {
            OperationKind::Capture => provider.capture(account, id, &attempt, amount, vat),
            OperationKind::Refund => provider.refund(account, id, &attempt, amount, vat),
            OperationKind::Cancel => provider.cancel(account, id, &attempt),
            OperationKind::Stop => {
                let agreement = payment.agreement.ok_or(Trouble::NotFound)?;
                let Some(agreement) = self.find_agreement_ref(agreement.id).await? else {
                    return Ok(Ok(Progress::Done)); // stopped and forgotten meanwhile
                };
                let call = provider.stop(account, id, &agreement);
                return Ok(within_limit(call, ProviderError::MayHaveHappened).await);
            }
            OperationKind::Initiate | OperationKind::Close | OperationKind::Charge => {
                return Err(
                    StoreError::Broken("an operation that is not carried on".into()).into(),
                );
            }
        };
        Ok(within_limit(call, ProviderError::MayHaveHappened).await)
    }

    /// What the agreement is charged or ended with; none before there is a token, and once it is
    /// forgotten.
    pub(super) async fn find_agreement_ref(
        &self,
        id: AgreementId,
    ) -> Result<Option<AgreementRef>, Trouble> {
        let agreement = self.store.find_agreement(id).await?;
        let token = self.store.find_agreement_token(id).await?;
        Ok(agreement.zip(token).map(|(agreement, token)| AgreementRef {
            token,
            payer_reference: agreement.payer_reference,
        }))
    }

    /// What the provider is asked about when it is asked about `payment`.
    pub(super) async fn attempt_on(&self, payment: &Payment) -> Result<Attempt, Trouble> {
        let charge = match payment.charge_of {
            Some(agreement) => {
                let operations = self.store.find_operations(payment.reference).await?;
                let charge = operations
                    .iter()
                    .find(|one| one.kind == OperationKind::Charge)
                    .ok_or(Trouble::NotFound)?;
                // Where a stopped agreement is forgotten, the payment's own id has to do.
                let agreement = self.find_agreement_ref(agreement).await?;
                agreement.map(|agreement| ChargeAttempt {
                    operation: charge.operation,
                    agreement,
                })
            }
            None => None,
        };
        Ok(Attempt {
            reference: payment.reference,
            method: payment.method,
            provider_ref: payment.provider_ref.clone(),
            amount: payment.amount,
            charge,
        })
    }

    /// Records the outcome over whatever changed meanwhile.
    async fn record(
        &self,
        mut payment: Payment,
        operation: &StoredOperation,
        called: &Result<Progress, ProviderError>,
        owner: Owner,
    ) -> Result<Payment, Trouble> {
        loop {
            let change = match called {
                Ok(_) => self.succeeded(&payment, operation, called).await?,
                Err(ProviderError::MayHaveHappened(failure)) => {
                    self.unknown(&payment, operation, called, failure)
                }
                Err(ProviderError::DidNotHappen(failure)) => {
                    if stays_open(&payment, operation, failure, owner) {
                        self.postpone(operation, failure).await?;
                        return Ok(payment); // it is due again
                    }
                    self.failed(&payment, operation, called, owner)
                }
            };
            if self.save(&change).await? == Saved::Saved {
                let mut saved = change.payment;
                saved.version += 1;
                return Ok(saved);
            }
            payment = self.get_payment(payment.reference).await?;
        }
    }

    /// It is due again anyway; not before the provider wants to be called.
    pub(super) async fn postpone(
        &self,
        operation: &StoredOperation,
        failure: &Failure,
    ) -> Result<(), StoreError> {
        let Some(wait) = find_wait(failure) else {
            return Ok(());
        };
        let until = self.clock.now() + wait;
        self.store
            .postpone_operation(operation.operation.id, until)
            .await
    }

    async fn succeeded(
        &self,
        payment: &Payment,
        operation: &StoredOperation,
        called: &Result<Progress, ProviderError>,
    ) -> Result<Change, Trouble> {
        let now = self.clock.now();
        let mut outcome = outcome_of(operation, called, now);
        let ends_agreement = operation.kind == OperationKind::Stop;
        if ends_agreement {
            // The permission is given back; there is nothing to wait for.
            outcome.status = OperationStatus::Done;
        }
        outcome.due_at =
            (outcome.status == OperationStatus::Accepted).then(|| now + backoff(operation.tries));
        let mut change = Change {
            operation: Some(outcome),
            ..Change::of(payment.clone())
        };
        if ends_agreement {
            self.stop_with(&mut change).await?;
        }
        Ok(change)
    }

    fn unknown(
        &self,
        payment: &Payment,
        operation: &StoredOperation,
        called: &Result<Progress, ProviderError>,
        failure: &Failure,
    ) -> Change {
        let now = self.clock.now();
        let wait = find_wait(failure).unwrap_or_default();
        let outcome = OperationOutcome {
            due_at: Some(now + backoff(operation.tries).max(wait)),
            ..outcome_of(operation, called, now)
        };
        Change {
            operation: Some(outcome),
            ..Change::of(payment.clone())
        }
    }

    /// The money is there again; what the service does by itself is tried three times.
    fn failed(
        &self,
        payment: &Payment,
        operation: &StoredOperation,
        called: &Result<Progress, ProviderError>,
        owner: Owner,
    ) -> Change {
        let now = self.clock.now();
        let mut payment = payment.clone();
        if let Some(amount) = operation.amount {
            ledger::give_back(&mut payment, operation.kind, amount);
        }
        let was_refused = called
            .as_ref()
            .is_err_and(|error| !is_passing(error.failure()));
        let mut change = Change {
            operation: Some(outcome_of(operation, called, now)),
            order_refund: operation
                .amount
                .and_then(|amount| OrderRefund::given_back(operation.order, amount)),
            ..Change::of(payment)
        };
        if was_refused {
            let is_own = owner == Owner::Service && is_captured_by_itself(&change.payment);
            self.after_refusal(&mut change, operation.kind, is_own);
        }
        change
    }

    fn after_refusal(&self, change: &mut Change, kind: OperationKind, is_own: bool) {
        let now = self.clock.now();
        let payment = &mut change.payment;
        let event = match kind {
            OperationKind::Refund => EventType::PaymentRefundFailed,
            OperationKind::Capture => {
                if is_own {
                    payment.capture_refusals = payment.capture_refusals.saturating_add(1);
                    if payment.capture_refusals < REFUSALS
                        && let Some(mut again) = automatic_capture(payment, now, self.ids.as_ref())
                    {
                        let tries = TRIES_PER_REFUSAL.saturating_add(payment.capture_refusals);
                        again.due_at = Some(now + backoff(tries));
                        change.next_operation = Some(again);
                        return;
                    }
                }
                EventType::PaymentCaptureFailed
            }
            _ => return,
        };
        let event = payment.tell(event, self.ids.uuid(), now);
        change.events.push(event);
    }
}

/// Whether a try that did not happen leaves the operation as it was. What the service carries on for
/// somebody else was perhaps called before its owner died.
fn stays_open(
    payment: &Payment,
    operation: &StoredOperation,
    failure: &Failure,
    owner: Owner,
) -> bool {
    let is_own = operation.kind == OperationKind::Capture && is_captured_by_itself(payment);
    match (operation.status, owner) {
        (OperationStatus::Unknown, _) => proves_nothing(failure),
        (_, Owner::Service) if is_own => is_passing(failure),
        (_, Owner::Service) => proves_nothing(failure),
        (_, Owner::Backend) => false,
    }
}

fn outcome_of(
    operation: &StoredOperation,
    called: &Result<Progress, ProviderError>,
    now: DateTime<Utc>,
) -> OperationOutcome {
    let progress = |progress: &Progress| match progress {
        Progress::Done => OperationStatus::Done,
        Progress::Accepted => OperationStatus::Accepted,
    };
    OperationOutcome::of(operation.operation, called, progress, now)
}
