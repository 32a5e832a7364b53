//! Reconcile: the timer's work on unfinished payments, so that a lost callback or a vanished
//! browser never leaves one pending. Safe to repeat and to run in several instances at once: each
//! due payment is claimed by one, and a crash only means that it comes due again.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use mcpay_port::PaymentRef;

use super::payment::{Payment, Reason};
use super::ports::StoreError;
use super::service::{Payments, Trouble};

/// How many payments one tick claims, and how many it asks about at once.
const BATCH: i64 = 100;
const AT_ONCE: usize = 8;

impl Payments {
    /// Asks about every payment that is due; answers how many were.
    pub async fn reconcile(self: &Arc<Self>) -> Result<usize, StoreError> {
        let due = self
            .store
            .claim_due_inquiries(self.clock.now(), BATCH)
            .await?;
        let count = due.len();
        stream::iter(due)
            .for_each_concurrent(AT_ONCE, |reference| async move {
                if let Err(error) = self.look_after(reference).await {
                    tracing::warn!(mc_pay_ref = %reference, %error, "it will be looked after later");
                }
            })
            .await;
        Ok(count)
    }

    /// Closes a payment whose time is over, asks about any other (CONTRACT 8.8).
    async fn look_after(self: &Arc<Self>, reference: PaymentRef) -> Result<Payment, Trouble> {
        let payment = self.get_payment(reference).await?;
        if payment.status.is_pending() && payment.pay_before <= self.clock.now() {
            self.close(reference, Reason::Expired).await
        } else {
            self.inquire(reference).await
        }
    }
}
