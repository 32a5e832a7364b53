//! Close: end a payment that is not yet authorised, at the provider first, and then ask it how the
//! payment stands. `failure` is told only when the provider says that it is over (CONTRACT 8.8).

use mcpay_port::{Failure, FailureKind, PaymentRef, Progress, Provider, ProviderError};
use tokio::time::timeout;

use super::operation::{NewOperation, OperationKind, OperationOutcome, OperationStatus};
use super::payment::{Payment, Reason};
use super::ports::{Change, Saved};
use super::service::{PROVIDER_LIMIT, Payments, Trouble, attempt_on};
use super::state::FollowUp;
use crate::clients::StoredAccount;

impl Payments {
    /// Closes the payment because the payer gave up or its time is over, and answers how it then
    /// stands: the payer may have been faster.
    pub async fn close(&self, reference: PaymentRef, why: Reason) -> Result<Payment, Trouble> {
        let payment = self.inquire(reference).await?;
        if !payment.status.is_pending() || payment.provider_ref.is_none() {
            return Ok(payment);
        }
        let flight = self.flights.of(reference);
        let _alone = flight.lock().await;
        let payment = self.get_payment(reference).await?;
        if !payment.status.is_pending() {
            return Ok(payment);
        }
        let (account, provider) = self.provider_of(&payment)?;
        let payment = self
            .close_now(payment, why, &account, provider.as_ref())
            .await?;
        let (payment, follow_up) = self.ask(payment, &account, provider.as_ref()).await?;
        self.follow_up(payment, follow_up, &account, provider.as_ref())
            .await
    }

    /// Does what the last answer asks for, once; what is left over stays due for the timer.
    pub(super) async fn follow_up(
        &self,
        payment: Payment,
        follow_up: FollowUp,
        account: &StoredAccount,
        provider: &dyn Provider,
    ) -> Result<Payment, Trouble> {
        let payment = match follow_up {
            FollowUp::Nothing => return Ok(payment),
            FollowUp::Close => {
                let why = payment.reason.unwrap_or(Reason::Error);
                self.close_now(payment, why, account, provider).await?
            }
            FollowUp::Release => {
                tracing::warn!(
                    mc_pay_ref = %payment.reference,
                    "a payment was authorised after it had ended; it is released"
                );
                self.release_now(payment, account, provider).await?
            }
        };
        let (payment, _) = self.ask(payment, account, provider).await?;
        Ok(payment)
    }

    async fn close_now(
        &self,
        payment: Payment,
        why: Reason,
        account: &StoredAccount,
        provider: &dyn Provider,
    ) -> Result<Payment, Trouble> {
        let operation = self.new_operation(&payment, OperationKind::Close);
        let intended = self
            .intend_operation(payment, &operation, |payment| {
                payment.closing = Some(why);
                let is_open = payment.status.is_pending() || payment.inquire_at.is_some();
                is_open && payment.authorized_at.is_none()
            })
            .await?;
        let payment = match intended {
            Intended::Committed(payment) => payment,
            Intended::Pointless(payment) => return Ok(payment),
        };
        let attempt = attempt_on(&payment);
        let call = provider.close(&account.account, operation.operation, &attempt);
        let called = timeout(PROVIDER_LIMIT, call)
            .await
            .unwrap_or_else(|_| Err(timed_out()));
        self.finish_operation(payment, &operation, &called).await
    }

    async fn release_now(
        &self,
        payment: Payment,
        account: &StoredAccount,
        provider: &dyn Provider,
    ) -> Result<Payment, Trouble> {
        let operation = self.new_operation(&payment, OperationKind::Cancel);
        let intended = self
            .intend_operation(payment, &operation, |payment| payment.inquire_at.is_some())
            .await?;
        let payment = match intended {
            Intended::Committed(payment) => payment,
            Intended::Pointless(payment) => return Ok(payment),
        };
        let attempt = attempt_on(&payment);
        let call = provider.cancel(&account.account, operation.operation, &attempt);
        let called = timeout(PROVIDER_LIMIT, call)
            .await
            .unwrap_or_else(|_| Err(timed_out()));
        self.finish_operation(payment, &operation, &called).await
    }

    /// Commits the intent of an operation, over whatever changed meanwhile, as long as `prepare`
    /// finds that it still makes sense.
    async fn intend_operation(
        &self,
        mut payment: Payment,
        operation: &NewOperation,
        prepare: impl Fn(&mut Payment) -> bool,
    ) -> Result<Intended, Trouble> {
        loop {
            if !prepare(&mut payment) {
                return Ok(Intended::Pointless(payment));
            }
            let change = Change {
                next_operation: Some(operation.clone()),
                ..Change::of(payment.clone())
            };
            if self.save(&change).await? == Saved::Saved {
                payment.version += 1;
                return Ok(Intended::Committed(payment));
            }
            payment = self.get_payment(payment.reference).await?;
        }
    }

    /// Records what became of an operation, over whatever changed meanwhile.
    async fn finish_operation(
        &self,
        mut payment: Payment,
        operation: &NewOperation,
        called: &Result<Progress, ProviderError>,
    ) -> Result<Payment, Trouble> {
        if let Err(error) = called {
            tracing::info!(
                mc_pay_ref = %payment.reference, operation = operation.kind.as_str(), %error,
                "the provider did not do it"
            );
        }
        let outcome = OperationOutcome {
            operation: operation.operation,
            status: status_of(called),
            code: called
                .as_ref()
                .err()
                .and_then(|error| error.failure().code.clone()),
            finished_at: self.clock.now(),
        };
        loop {
            let change = Change {
                operation: Some(outcome.clone()),
                ..Change::of(payment.clone())
            };
            if self.save(&change).await? == Saved::Saved {
                payment.version += 1;
                return Ok(payment);
            }
            payment = self.get_payment(payment.reference).await?;
        }
    }
}

/// What became of an intent.
enum Intended {
    Committed(Payment),
    /// The payment changed so that there is nothing to do any more.
    Pointless(Payment),
}

fn timed_out() -> ProviderError {
    ProviderError::MayHaveHappened(Failure::new(FailureKind::Timeout))
}

const fn status_of(called: &Result<Progress, ProviderError>) -> OperationStatus {
    match called {
        Ok(Progress::Done) => OperationStatus::Done,
        Ok(Progress::Accepted) => OperationStatus::Accepted,
        Err(ProviderError::DidNotHappen(_)) => OperationStatus::Failed,
        Err(ProviderError::MayHaveHappened(_)) => OperationStatus::Unknown,
    }
}
