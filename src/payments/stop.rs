//! Stop: end an agreement, so that nobody can charge it any more (CONTRACT 8.3, 8.4).

use std::sync::Arc;

use mcpay_port::{AgreementEnd, AgreementId};

use super::agreement::{AgreementStatus, Stopped};
use super::answer::told_of;
use super::asked::{AskError, Asked, Teller, Told};
use super::carry::{Carried, Owner};
use super::operate::committed;
use super::operation::OperationKind;
use super::payment::Payment;
use super::ports::{Change, Intended, StoredAnswer};
use super::service::{Payments, Trouble};
use crate::ports::StoreError;

impl Payments {
    /// Stopping what is stopped is done.
    pub async fn stop(
        self: &Arc<Self>,
        asked: &Asked,
        agreement: AgreementId,
        teller: &dyn Teller,
    ) -> Result<StoredAnswer, AskError> {
        let first = self
            .agreement_of(&asked.client, agreement)
            .await?
            .first_payment;
        let flight = self.flights.of(first);
        let _alone = flight.lock().await;
        let claim = asked.claim("stop", self.clock.now());
        if let Some(answer) = self.find_answer(&claim, teller).await? {
            return Ok(answer);
        }
        let (payment, operation) = loop {
            let found = self.agreement_of(&asked.client, agreement).await?;
            let payment = self.get_payment(first).await?;
            let told = match found.status {
                AgreementStatus::Stopped => Some(Told::Stopped(agreement)),
                AgreementStatus::Pending => Some(Told::StateConflict(
                    "The agreement is pending: the payer has not agreed yet.".to_owned(),
                )),
                AgreementStatus::Active => self.obstacle(&payment, agreement).await?,
            };
            if let Some(told) = told {
                return Ok(self.tell(&claim, first, &told, teller).await);
            }
            let change = self.intent_to_stop(payment);
            match self.store.intend(&change, &claim).await {
                Ok(Intended::Intended) => break committed(change)?,
                Ok(Intended::Key(used)) => return self.answer_of_key(used, teller).await,
                Ok(Intended::Overtaken)
                | Err(StoreError::Constraint("operations_number_unique")) => {}
                Err(error) => return Err(error.into()),
            }
        };
        let operation = operation.into_stored();
        let Carried(called) = self.carry(payment, &operation, Owner::Backend).await?;
        let told = match told_of(&operation, &called) {
            Told::Done(_) | Told::Accepted(_) => Told::Stopped(agreement),
            told => told,
        };
        Ok(self.tell(&claim, first, &told, teller).await)
    }

    /// Changes nothing of the first payment but that it has one more operation.
    pub(super) fn intent_to_stop(&self, payment: Payment) -> Change {
        let (release_at, inquire_at) = (payment.release_at, payment.inquire_at);
        let inquiries = payment.inquiries;
        let mut change = self.due_change(payment, OperationKind::Stop, None);
        change.payment.release_at = release_at;
        change.payment.inquire_at = inquire_at;
        change.payment.inquiries = inquiries;
        change
    }

    /// Whether forgetting is all that ends the agreement that this payment opened.
    fn is_forgotten(&self, first: &Payment) -> Result<bool, Trouble> {
        let (_, provider) = self.provider_of(first)?;
        Ok(provider.capabilities().agreement_end == AgreementEnd::ByForgetting)
    }

    /// Why an active agreement cannot be stopped now.
    async fn obstacle(&self, first: &Payment, id: AgreementId) -> Result<Option<Told>, Trouble> {
        let sentence = if self.store.has_claimed_reservation(id).await? {
            "A payment of the agreement is authorised and claimed, and not captured yet; capture or \
             release it first."
        } else if self.is_forgotten(first)? && self.store.has_open_charge(id).await? {
            // What became of the charge could not be asked any more.
            "A charge of the agreement is being made; stop it once its outcome is known."
        } else {
            return Ok(None);
        };
        Ok(Some(Told::StateConflict(sentence.to_owned())))
    }

    /// Ends the agreement with a change of the payment that opened it.
    pub(super) async fn stop_with(&self, change: &mut Change) -> Result<(), Trouble> {
        let Some(opened) = change.payment.agreement else {
            return Ok(());
        };
        let found = self.store.find_agreement(opened.id).await?;
        let Some(agreement) = found.filter(|found| found.status == AgreementStatus::Active) else {
            return Ok(());
        };
        let now = self.clock.now();
        change.stopped = Some(Stopped {
            id: agreement.id,
            version: agreement.version,
            stopped_at: now,
            forget_token: self.is_forgotten(&change.payment)?,
        });
        change
            .events
            .push(agreement.tell_stopped(self.ids.uuid(), now));
        Ok(())
    }
}
