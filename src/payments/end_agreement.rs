//! End agreement: what the provider says of a permission that is over, because the payer or the
//! provider has ended it, holds here as well (CONTRACT 8.4). For consumers it is the end that
//! [`Payments::stop`] makes, told once however often the provider says it.
//!
//! What must never live here: a call to a provider, or a guess that an agreement is over.

use super::payment::Payment;
use super::ports::{Change, Saved};
use super::service::{Payments, Trouble};

impl Payments {
    /// Ends the agreement that this payment opened, unless it has ended already.
    pub(super) async fn end_agreement(&self, first: &Payment) -> Result<(), Trouble> {
        let reference = first.reference;
        let mut payment = first.clone();
        loop {
            let mut change = Change::of(payment);
            self.stop_with(&mut change).await?;
            if change.stopped.is_none() {
                return Ok(());
            }
            if self.save(&change).await? == Saved::Saved {
                tracing::info!(mc_pay_ref = %reference, "an agreement was ended at the provider");
                return Ok(());
            }
            payment = self.get_payment(reference).await?;
        }
    }

    /// Ends the agreement that this payment was to be a charge of. Where that fails, the next charge
    /// finds the same.
    pub(super) async fn end_agreement_of(&self, charge: &Payment) {
        if let Err(error) = self.find_and_end(charge).await {
            tracing::warn!(mc_pay_ref = %charge.reference, %error, "its agreement is not ended yet");
        }
    }

    async fn find_and_end(&self, charge: &Payment) -> Result<(), Trouble> {
        let id = charge.charge_of.ok_or(Trouble::NotFound)?;
        let agreement = self.store.find_agreement(id).await?;
        let first = agreement.ok_or(Trouble::NotFound)?.first_payment;
        self.end_agreement(&self.get_payment(first).await?).await
    }
}
