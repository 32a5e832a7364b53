//! Release: give back what was authorised and no order has claimed in time (CONTRACT 8.3), so that
//! nobody pays for nothing. The agreement that such a payment opened ends with it.

use std::sync::Arc;

use mcpay_port::PaymentRef;

use super::agreement::AgreementStatus;
use super::carry::Owner;
use super::ledger;
use super::operate::committed;
use super::operation::OperationKind;
use super::payment::Payment;
use super::ports::{Change, Saved};
use super::room::{AT_ONCE, Looked};
use super::service::{Payments, Trouble};
use crate::ports::StoreError;

impl Payments {
    /// Releases payments whose time has come, as many as one look takes.
    pub async fn release_unclaimed(self: &Arc<Self>) -> Result<Looked, StoreError> {
        if self.background.is_closed() {
            return Ok(Looked::Idle); // stopping: whatever is due stays due
        }
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let due = self
            .store
            .claim_due_releases(self.clock.now(), limit)
            .await?;
        let looked = Looked::of(due.is_empty());
        for reference in due {
            let payments = Arc::clone(self);
            self.background.spawn(async move {
                if let Err(error) = payments.release(reference).await {
                    tracing::warn!(mc_pay_ref = %reference, %error, "its release comes due again");
                }
            });
        }
        Ok(looked)
    }

    /// The agreement first: until the money is released, the release stays due.
    async fn release(&self, reference: PaymentRef) -> Result<(), Trouble> {
        let flight = self.flights.of(reference);
        let _alone = flight.lock().await;
        if !is_unclaimed(&self.get_payment(reference).await?) {
            return Ok(());
        }
        self.stop_opened(reference).await?;
        let intend = |payment| self.due_change(payment, OperationKind::Cancel, None);
        self.intend_unclaimed(reference, intend).await
    }

    async fn stop_opened(&self, reference: PaymentRef) -> Result<(), Trouble> {
        let payment = self.get_payment(reference).await?;
        let Some(opened) = payment.agreement.filter(|opened| opened.active) else {
            return Ok(());
        };
        let agreement = self.store.find_agreement(opened.id).await?;
        if agreement.is_none_or(|found| found.status != AgreementStatus::Active) {
            return Ok(());
        }
        let intend = |payment| self.intent_to_stop(payment);
        self.intend_unclaimed(reference, intend).await
    }

    /// Intends and carries, unless an order was faster.
    async fn intend_unclaimed(
        &self,
        reference: PaymentRef,
        intend: impl Fn(Payment) -> Change,
    ) -> Result<(), Trouble> {
        loop {
            let payment = self.get_payment(reference).await?;
            if !is_unclaimed(&payment) {
                return Ok(());
            }
            let change = intend(payment);
            if self.save(&change).await? == Saved::Saved {
                let (payment, operation) = committed(change)?;
                self.carry(payment, &operation.into_stored(), Owner::Service)
                    .await?;
                return Ok(());
            }
        }
    }
}

fn is_unclaimed(payment: &Payment) -> bool {
    payment.release_at.is_some()
        && !payment.claimed
        && ledger::left_to_capture(payment).is_positive()
}
