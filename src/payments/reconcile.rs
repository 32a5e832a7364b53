//! Reconcile: the timer's work on unfinished payments, so that a lost callback or a vanished
//! browser never leaves one pending. Safe to repeat and to run in several instances at once: each
//! due payment is claimed by one, and a crash only means that it comes due again.

use std::sync::Arc;

use mcpay_port::PaymentRef;

use super::budget::Asker;
use super::operation::{OperationOutcome, OperationStatus};
use super::payment::{Payment, Status};
use super::ports::{Change, Saved};
use super::room::Looked;
use super::service::{Payments, Trouble};
use crate::ports::StoreError;

impl Payments {
    /// Starts to look after payments that are due, as many as there is room for. The work goes on in
    /// the background, so that no deadline of the timer cuts it.
    pub async fn reconcile(self: &Arc<Self>) -> Result<Looked, StoreError> {
        if self.background.is_closed() {
            return Ok(Looked::Idle); // stopping: whatever is due stays due
        }
        let room = self.looking_after.take_free();
        if room.is_empty() {
            return Ok(Looked::Full);
        }
        let limit = i64::try_from(room.len()).unwrap_or(i64::MAX);
        let due = self
            .store
            .claim_due_inquiries(self.clock.now(), limit, &self.polls)
            .await?;
        let looked = Looked::of(due.is_empty());
        for (reference, place) in due.into_iter().zip(room) {
            let payments = Arc::clone(self);
            self.background.spawn(async move {
                if let Err(error) = payments.look_after(reference).await {
                    tracing::warn!(mc_pay_ref = %reference, %error, "it comes due again");
                }
                drop(place);
            });
        }
        Ok(looked)
    }

    /// Closes a payment whose time is over, asks about any other (CONTRACT 8.8).
    async fn look_after(&self, reference: PaymentRef) -> Result<Payment, Trouble> {
        let payment = self.get_payment(reference).await?;
        let is_late = payment.status.is_pending() && payment.pay_before <= self.clock.now();
        // What nobody can make out is closed once; repeating it would tell nothing new.
        let was_closed = payment.status == Status::Unknown && payment.closing.is_some();
        let payment = if is_late && !was_closed {
            self.close_late(reference).await?
        } else {
            self.inquire_anew(reference, Asker::Timer).await?
        };
        if payment.status.is_pending() {
            Ok(payment)
        } else {
            self.settle(payment).await
        }
    }

    /// Operations whose owner died between call and record: how the payment stands is known by now,
    /// what became of the attempt is not.
    async fn settle(&self, mut payment: Payment) -> Result<Payment, Trouble> {
        for lost in self.store.find_operations(payment.reference).await? {
            // What has a due time is carried on by its own timer.
            if lost.finished_at.is_some() || lost.due_at.is_some() {
                continue;
            }
            tracing::warn!(
                mc_pay_ref = %payment.reference, operation = lost.kind.as_str(),
                "nobody recorded how an operation ended"
            );
            let outcome =
                OperationOutcome::ended(lost.operation, OperationStatus::Unknown, self.clock.now());
            let change = Change {
                operation: Some(outcome),
                ..Change::of(payment.clone())
            };
            match self.save(&change).await? {
                Saved::Saved => payment.version += 1,
                Saved::Overtaken => break,
            }
        }
        Ok(payment)
    }
}
