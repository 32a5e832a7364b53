//! Charge: take money under an agreement, without the payer. Each charge is a payment of its own
//! (CONTRACT 8.4), captured like any other as soon as it is authorised.
//!
//! A charge without an idempotency key is called once. Its payment says whether that has begun: one
//! that still waits for its day is asked about at no time (`inquire_at`).

use std::sync::Arc;

use mcpay_port::{ChargeOrder, Charged, ProviderError};

use super::agreement::AgreementStatus;
use super::answer::told_of_error;
use super::asked::{AskError, Asked, ChargeRequest, Teller, Told};
use super::budget::Asker;
use super::carry::Owner;
use super::charge_outcome::{ChargeCall, is_known};
use super::charge_terms::{date_of, read_charge};
use super::operation::{OperationOutcome, OperationStatus, StoredOperation};
use super::payment::{Payment, Reason};
use super::ports::{Begun, Change, Intent, Saved, StoredAnswer};
use super::service::{Payments, Trouble, within_limit};
use super::state;
use crate::clients::callback_key::callback_key;
use crate::ports::StoreError;

impl Payments {
    pub async fn charge(
        self: &Arc<Self>,
        asked: &Asked,
        request: &ChargeRequest,
        teller: &dyn Teller,
    ) -> Result<StoredAnswer, AskError> {
        let agreement = self.agreement_of(&asked.client, request.agreement).await?;
        let claim = asked.claim("charge", self.clock.now());
        if let Some(answer) = self.find_answer(&claim, teller).await? {
            return Ok(answer);
        }
        let profile = self
            .registry
            .profile(asked.client.as_str())
            .ok_or(AskError::NoAccount)?;
        let terms = read_charge(request, &agreement, &profile, self.clock.now())
            .map_err(AskError::Fields)?;
        let first = agreement.first_payment;
        if agreement.status != AgreementStatus::Active {
            let sentence = format!("The agreement is {}.", agreement.status.as_str());
            let told = Told::StateConflict(sentence);
            return Ok(self.tell(&claim, first, &told, teller).await);
        }
        let account = self.account(agreement.account)?;
        let provider = self.providers.get(&account.account.provider);
        let provider = provider.ok_or(AskError::NoAccount)?;
        let at = (&account.account, provider.as_ref());
        let intent = loop {
            let (payment, operation, event) =
                self.intent_to_charge(&agreement, &terms, &profile, at);
            let intent = Intent {
                claim: Some(claim.clone()),
                payment,
                agreement: None,
                operation,
                events: vec![event],
            };
            match self.store.begin(&intent).await {
                Ok(Begun::Begun) => break intent,
                Ok(Begun::Key(used)) => return self.answer_of_key(used, teller).await,
                Ok(Begun::ReferenceUsed) => {
                    return match self.find_answer(&claim, teller).await? {
                        Some(answer) => Ok(answer),
                        None => Ok(self.tell(&claim, first, &Told::ReferenceUsed, teller).await),
                    };
                }
                Err(StoreError::Constraint("operations_number_unique")) => {}
                Err(error) => return Err(error.into()),
            }
        };
        self.events_written.wake();
        let reference = intent.payment.reference;
        let told = if intent.payment.inquire_at.is_none() {
            charged(&intent.payment)
        } else {
            let flight = self.flights.of(reference);
            let _alone = flight.lock().await;
            let operation = intent.operation.into_stored();
            let call = ChargeCall {
                operation: &operation,
                owner: Owner::Backend,
                is_repeat: false,
            };
            self.call_charge(intent.payment, &call).await?
        };
        Ok(self.tell(&claim, reference, &told, teller).await)
    }

    /// A charge that nobody has brought to its end: one whose day has come is called, and one that
    /// was called is repeated only where that takes money once.
    pub(super) async fn pursue_charge(
        &self,
        payment: Payment,
        operation: &StoredOperation,
    ) -> Result<(), Trouble> {
        let (_, provider) = self.provider_of(&payment)?;
        let was_called =
            payment.inquire_at.is_some() || operation.status == OperationStatus::Unknown;
        // Looked for before it is repeated: a day that has come meanwhile would be refused, also where
        // the first call got through and its key is forgotten.
        let payment = if was_called && !is_known(&payment) {
            self.ask_after(payment, Asker::Timer).await
        } else {
            payment
        };
        if payment.provider_ref.is_some() || (was_called && is_known(&payment)) {
            self.write_charge(payment, |current| self.charge_found(current, operation))
                .await?;
            return Ok(());
        }
        if !was_called && !self.may_still_be_made(&payment).await? {
            self.call_off(payment, operation).await?;
            return Ok(());
        }
        let id = payment.charge_of.ok_or(Trouble::NotFound)?;
        // What was closed here meanwhile must not be made by the repetition.
        let may_repeat = provider.capabilities().charges.idempotent
            && payment.closing.is_none()
            && self.find_agreement_ref(id).await?.is_some();
        if !was_called || may_repeat {
            let call = ChargeCall {
                operation,
                owner: Owner::Service,
                is_repeat: was_called,
            };
            let payment = self.mark_called(payment).await?;
            self.call_charge(payment, &call).await?;
            return Ok(());
        }
        self.write_charge(payment, |current| {
            self.charge_lost(current, operation, false)
        })
        .await?;
        Ok(())
    }

    /// Whether nothing has happened, while it waited for its day, that forbids it.
    async fn may_still_be_made(&self, payment: &Payment) -> Result<bool, Trouble> {
        let id = payment.charge_of.ok_or(Trouble::NotFound)?;
        let agreement = self.store.find_agreement(id).await?;
        let is_active = agreement.is_some_and(|found| found.status == AgreementStatus::Active);
        Ok(is_active && payment.status.is_pending())
    }

    async fn call_off(
        &self,
        payment: Payment,
        operation: &StoredOperation,
    ) -> Result<Payment, Trouble> {
        self.write_charge(payment, |current| {
            let now = self.clock.now();
            let outcome =
                OperationOutcome::ended(operation.operation, OperationStatus::Failed, now);
            let change = if current.status.is_pending() {
                self.change_of(state::give_up(current, Reason::Cancel, now))
            } else {
                Change::of(current.clone())
            };
            Change {
                operation: Some(outcome),
                ..change
            }
        })
        .await
    }

    /// From here on nobody may take it for one that was never called.
    async fn mark_called(&self, payment: Payment) -> Result<Payment, Trouble> {
        let look = self.first_look(payment.method, payment.due_at);
        self.write_charge(payment, |current| {
            let mut payment = current.clone();
            payment.inquire_at = Some(look);
            Change::of(payment)
        })
        .await
    }

    async fn call_charge(&self, payment: Payment, call: &ChargeCall<'_>) -> Result<Told, Trouble> {
        let operation = call.operation;
        let (account, provider) = self.provider_of(&payment)?;
        let id = payment.charge_of.ok_or(Trouble::NotFound)?;
        let Some(agreement) = self.find_agreement_ref(id).await? else {
            // It was stopped and forgotten between the look at it and this one.
            self.call_off(payment, operation).await?;
            return Ok(Told::StateConflict("The agreement is stopped.".to_owned()));
        };
        let order = self.charge_order(&payment)?;
        let charging = provider.charge(&account.account, operation.operation, &agreement, &order);
        let called = within_limit(charging, ProviderError::MayHaveHappened).await;
        if let Err(error) = &called {
            tracing::warn!(mc_pay_ref = %payment.reference, %error, "a charge was not made");
        }
        if called.as_ref().is_ok_and(Charged::says_agreement_is_over) {
            self.end_agreement_of(&payment).await;
        }
        let may_repeat = provider.capabilities().charges.idempotent;
        let payment = self
            .write_charge(payment, |current| {
                self.charge_recorded(current, call, &called, may_repeat)
            })
            .await?;
        let payment = match &called {
            Ok(Charged::Started(_)) => self.ask_after(payment, Asker::Happening).await,
            Ok(Charged::Declined { .. }) => payment,
            Err(error) => {
                self.postpone(operation, error.failure()).await?;
                payment
            }
        };
        Ok(match &called {
            Ok(_) => charged(&payment),
            Err(error) => told_of_error(payment.reference, error),
        })
    }

    /// Saves what `change` makes of the payment as it is by then.
    async fn write_charge(
        &self,
        mut payment: Payment,
        change: impl Fn(&Payment) -> Change,
    ) -> Result<Payment, Trouble> {
        loop {
            let change = change(&payment);
            if self.save(&change).await? == Saved::Saved {
                let mut saved = change.payment;
                saved.version += 1;
                return Ok(saved);
            }
            payment = self.get_payment(payment.reference).await?;
        }
    }

    fn charge_order(&self, payment: &Payment) -> Result<ChargeOrder, Trouble> {
        let (account, provider) = self.provider_of(payment)?;
        let profile = self.registry.profile(payment.client.as_str());
        let profile = profile.ok_or(Trouble::NoAccount)?;
        let key = callback_key(
            &account.callback_secret,
            account.account.provider,
            payment.reference,
        );
        let kept = provider.capabilities().charges.kept_until_due;
        Ok(ChargeOrder {
            reference: payment.reference,
            amount: payment.amount,
            vat: payment.vat,
            description: payment.description.clone(),
            language: profile.client.language.clone(),
            due: kept.and_then(|_| date_of(payment, &profile.client.country)),
            callback: self.callback_url(payment, &account, &key),
            callback_key: key,
        })
    }
}

fn charged(payment: &Payment) -> Told {
    match payment.charge_of {
        Some(agreement) => Told::Charged {
            payment: payment.reference,
            agreement,
            status: payment.status.public(),
        },
        None => Told::Unknown(payment.reference),
    }
}
