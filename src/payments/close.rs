//! Close: end a payment that is not yet authorised, at the provider first, and then ask it how the
//! payment stands. `failure` is told only when the provider says that it is over (CONTRACT 8.8).

use mcpay_port::{PaymentRef, Progress, Provider, ProviderError};

use super::budget::Asker;
use super::operation::{NewOperation, OperationKind, OperationOutcome, OperationStatus};
use super::payment::{Payment, Reason};
use super::ports::{Change, Saved};
use super::service::{Payments, Trouble, within_limit};
use super::state::FollowUp;
use crate::clients::StoredAccount;

impl Payments {
    /// Closes the payment because the payer gave up, and answers how it then stands: the payer may
    /// have been faster. No payer stands before a charge, so none can give it up.
    pub async fn close(&self, reference: PaymentRef, why: Reason) -> Result<Payment, Trouble> {
        let payment = self.inquire(reference).await?;
        if payment.charge_of.is_some() {
            return Ok(payment);
        }
        self.close_inquired(payment, why, Asker::Browser).await
    }

    /// The same for a payment whose time is over.
    pub(super) async fn close_late(&self, reference: PaymentRef) -> Result<Payment, Trouble> {
        let payment = self.inquire_anew(reference, Asker::Timer).await?;
        self.close_inquired(payment, Reason::Expired, Asker::Happening)
            .await
    }

    async fn close_inquired(
        &self,
        payment: Payment,
        why: Reason,
        asker: Asker,
    ) -> Result<Payment, Trouble> {
        let reference = payment.reference;
        // Without its id, a payment can be closed only where our reference finds it.
        let is_known = payment.provider_ref.is_some() || {
            let (_, provider) = self.provider_of(&payment)?;
            provider.capabilities().create_is_idempotent
        };
        let is_paused = self.pauses.has(reference, self.clock.now());
        if !payment.status.is_pending() || !is_known || is_paused {
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
            .carry_out(Deed::Close(why), payment, &account, provider.as_ref())
            .await?;
        let (payment, follow_up) = self
            .ask(payment, &account, provider.as_ref(), asker)
            .await?;
        self.follow_up(payment, follow_up, &account, provider.as_ref(), asker)
            .await
    }

    /// Does what the last answer asks for, once; what is left over stays due for the timer.
    pub(super) async fn follow_up(
        &self,
        payment: Payment,
        follow_up: FollowUp,
        account: &StoredAccount,
        provider: &dyn Provider,
        asker: Asker,
    ) -> Result<Payment, Trouble> {
        let payment = match follow_up {
            FollowUp::Nothing => return Ok(payment),
            FollowUp::Close => {
                let deed = Deed::Close(payment.reason.unwrap_or(Reason::Error));
                self.carry_out(deed, payment, account, provider).await?
            }
            FollowUp::Release => {
                tracing::warn!(
                    mc_pay_ref = %payment.reference,
                    "a payment was authorised after it had ended; it is released"
                );
                self.carry_out(Deed::Release, payment, account, provider)
                    .await?
            }
        };
        let (payment, _) = self.ask(payment, account, provider, asker).await?;
        Ok(payment)
    }

    /// Intent, commit, call, record.
    async fn carry_out(
        &self,
        deed: Deed,
        payment: Payment,
        account: &StoredAccount,
        provider: &dyn Provider,
    ) -> Result<Payment, Trouble> {
        let operation = self.new_operation(&payment, deed.kind());
        let prepare = |payment: &mut Payment| deed.prepare(payment);
        let payment = match self.intend_operation(payment, &operation, prepare).await? {
            Intended::Committed(payment) => payment,
            Intended::Pointless(payment) => return Ok(payment),
        };
        let (account, attempt) = (&account.account, self.attempt_on(&payment).await?);
        let call = match deed {
            Deed::Close(_) => provider.close(account, operation.operation, &attempt),
            Deed::Release => {
                self.note_question(&payment, provider);
                provider.cancel(account, operation.operation, &attempt)
            }
        };
        let called = within_limit(call, ProviderError::MayHaveHappened).await;
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
        let progress = |progress: &Progress| match progress {
            Progress::Done => OperationStatus::Done,
            Progress::Accepted => OperationStatus::Accepted,
        };
        let now = self.clock.now();
        let outcome = OperationOutcome::of(operation.operation, called, progress, now);
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

/// What is done about a payment that shall not be paid.
#[derive(Clone, Copy)]
enum Deed {
    /// Nobody may pay it any more.
    Close(Reason),
    /// What was authorised goes back to the payer.
    Release,
}

impl Deed {
    const fn kind(self) -> OperationKind {
        match self {
            Self::Close(_) => OperationKind::Close,
            Self::Release => OperationKind::Cancel,
        }
    }

    /// Notes the intent on the payment; false when there is nothing to do any more.
    fn prepare(self, payment: &mut Payment) -> bool {
        match self {
            Self::Close(why) => {
                payment.closing = Some(why);
                let is_open = payment.status.is_pending() || payment.inquire_at.is_some();
                is_open && payment.authorized_at.is_none()
            }
            Self::Release => payment.inquire_at.is_some(),
        }
    }
}

/// What became of an intent.
enum Intended {
    Committed(Payment),
    /// The payment changed so that there is nothing to do any more.
    Pointless(Payment),
}
