//! Pursue: carry on what its owner has not brought to an end: after a crash, a lost answer, or
//! because its time has only come now. Safe to repeat and to run in several instances at once: each
//! due operation is claimed by one, and a crash only means that it comes due again.

use std::sync::Arc;

use mcpay_port::PaymentRef;

use super::budget::Asker;
use super::carry::Owner;
use super::ledger;
use super::operation::{OperationKind, OperationOutcome, OperationStatus, StoredOperation};
use super::payment::Payment;
use super::ports::{Change, Saved};
use super::room::{AT_ONCE, Looked};
use super::service::{Payments, Trouble};
use crate::ports::StoreError;

impl Payments {
    /// Starts to carry on operations that are due, as many as there is room for. The work goes on
    /// in the background, so that no deadline of the timer cuts it.
    pub async fn pursue(self: &Arc<Self>) -> Result<Looked, StoreError> {
        if self.background.is_closed() {
            return Ok(Looked::Idle); // stopping: whatever is due stays due
        }
        let room = self.carrying.take_free();
        if room.is_empty() {
            return Ok(Looked::Full);
        }
        let limit = i64::try_from(room.len()).unwrap_or(i64::MAX);
        let now = self.clock.now();
        let due = self.store.claim_due_operations(now, None, limit).await?;
        let looked = Looked::of(due.is_empty());
        for (operation, place) in due.into_iter().zip(room) {
            let payments = Arc::clone(self);
            self.background.spawn(async move {
                payments.carry_on_claimed(operation).await;
                drop(place);
            });
        }
        Ok(looked)
    }

    /// Starts the due operations of one payment in the background, at once. The timer takes what
    /// this leaves.
    pub fn carry_on(self: &Arc<Self>, payment: PaymentRef) {
        let payments = Arc::clone(self);
        self.background.spawn(async move {
            let now = payments.clock.now();
            let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
            match payments
                .store
                .claim_due_operations(now, Some(payment), limit)
                .await
            {
                Ok(due) => {
                    for operation in due {
                        payments.carry_on_claimed(operation).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(mc_pay_ref = %payment, %error, "the timer carries it on");
                }
            }
        });
    }

    async fn carry_on_claimed(&self, operation: StoredOperation) {
        let reference = operation.payment;
        if let Err(error) = self.carry_on_alone(operation).await {
            tracing::warn!(mc_pay_ref = %reference, %error, "an operation comes due again");
        }
    }

    async fn carry_on_alone(&self, claimed: StoredOperation) -> Result<(), Trouble> {
        let flight = self.flights.of(claimed.payment);
        let _alone = flight.lock().await;
        let operations = self.store.find_operations(claimed.payment).await?;
        let id = claimed.operation.id;
        // Somebody may have brought it to its end while this one waited for its turn.
        let found = operations.into_iter().find(|one| one.operation.id == id);
        let Some(operation) = found.filter(|one| one.due_at.is_some()) else {
            return Ok(());
        };
        let payment = self.get_payment(operation.payment).await?;
        match (operation.kind, operation.status) {
            (_, OperationStatus::Done | OperationStatus::Failed) => Ok(()),
            (OperationKind::Charge, _) => self.pursue_charge(payment, &operation).await,
            (_, OperationStatus::Accepted) => self.conclude(payment, &operation).await,
            _ => {
                self.carry(payment, &operation, Owner::Service).await?;
                Ok(())
            }
        }
    }

    /// What the provider has accepted is not repeated; it is done once the provider shows it
    /// (CONTRACT 8.12).
    async fn conclude(&self, payment: Payment, operation: &StoredOperation) -> Result<(), Trouble> {
        let mut payment = self.ask_after(payment, Asker::Timer).await;
        loop {
            let operations = self.store.find_operations(payment.reference).await?;
            let is_open = |one: &StoredOperation| {
                one.operation.id == operation.operation.id
                    && one.status == OperationStatus::Accepted
            };
            if !operations.iter().any(is_open) {
                return Ok(()); // the answer told its end
            }
            let is_shown = match operation.kind {
                OperationKind::Cancel => !ledger::left_to_capture(&payment).is_positive(),
                _ => !ledger::is_behind(&payment),
            };
            if !is_shown {
                return Ok(()); // it is due again
            }
            let outcome = OperationOutcome::ended(
                operation.operation,
                OperationStatus::Done,
                self.clock.now(),
            );
            let change = Change {
                operation: Some(outcome),
                ..Change::of(payment.clone())
            };
            if self.save(&change).await? == Saved::Saved {
                return Ok(());
            }
            payment = self.get_payment(payment.reference).await?;
        }
    }
}
