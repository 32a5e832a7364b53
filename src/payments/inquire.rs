//! Inquire: ask the provider, apply what it says. Every hint, return, click and timer ends here
//! and nowhere else.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use mcpay_port::{Attempt, FailureKind, PaymentRef, Provider, ProviderError, Snapshot};
use tokio::time::sleep;

use super::budget::Asker;
use super::charge_terms::wait_for_its_day;
use super::failures::find_wait;
use super::operation::OperationKind;
use super::payment::{Payment, Reason};
use super::ports::{Change, Saved};
use super::service::{Payments, Trouble, within_limit};
use super::state::{self, FollowUp, Transition};
use crate::clients::StoredAccount;
use crate::ports::StoreError;

/// A create whose outcome is unknown and whose id nobody told us ends after this (CONTRACT 8.11).
pub(super) const WITHOUT_ID_LIMIT: chrono::Duration = chrono::Duration::seconds(60);
/// How often an answer may be overtaken before we leave it to the next hint.
const TRIES: usize = 5;
/// How many hints in a row may come while an answer is written.
const HINTS_MEANWHILE: usize = 50;

/// Whatever a provider asks for: somebody may be waiting for what it knows.
const LONGEST_PAUSE: chrono::Duration = chrono::Duration::minutes(10);

/// What an inquiry may be spared for.
#[derive(Clone, Copy)]
enum Enough {
    /// A result of this age, or younger than the provider's interval.
    Younger(Duration),
    /// An inquiry that began after this moment.
    BegunSince(Instant),
}

impl Payments {
    /// How the payment stands after asking the provider, or as stored when a result is younger
    /// than the provider's minimum interval, nothing can change any more, or the provider cannot
    /// be asked now. For pages and whoever else may come as often as they please.
    pub async fn inquire(&self, reference: PaymentRef) -> Result<Payment, Trouble> {
        self.inquire_unless(reference, Enough::Younger(Duration::ZERO), Asker::Browser)
            .await
    }

    /// As [`Payments::inquire`], but content with a result of up to `age`: for a page that asks
    /// again by itself.
    pub async fn inquire_unless_younger(
        &self,
        reference: PaymentRef,
        age: Duration,
    ) -> Result<Payment, Trouble> {
        self.inquire_unless(reference, Enough::Younger(age), Asker::Browser)
            .await
    }

    /// As [`Payments::inquire`], for those who know that something happened: a result from before
    /// this call is not enough, so the provider's interval is waited out. All who ask meanwhile
    /// share the one inquiry that then begins.
    pub(super) async fn inquire_anew(
        &self,
        reference: PaymentRef,
        asker: Asker,
    ) -> Result<Payment, Trouble> {
        self.inquire_unless(reference, Enough::BegunSince(Instant::now()), asker)
            .await
    }

    async fn inquire_unless(
        &self,
        reference: PaymentRef,
        enough: Enough,
        asker: Asker,
    ) -> Result<Payment, Trouble> {
        let flight = self.flights.of(reference);
        let mut last = flight.lock().await;
        let payment = self.get_payment(reference).await?;
        // A charge that waits for its day is not known to the provider yet.
        let waits = payment.charge_of.is_some() || !payment.status.is_pending();
        if payment.inquire_at.is_none() && waits {
            return Ok(payment);
        }
        let (account, provider) = self.provider_of(&payment)?;
        let interval = provider.capabilities().min_inquiry_interval;
        let payment = match (*last, enough) {
            (Some(begun), Enough::Younger(age)) if begun.elapsed() < interval.max(age) => {
                return Ok(payment);
            }
            (Some(begun), Enough::BegunSince(call)) if begun >= call => return Ok(payment),
            (Some(begun), Enough::BegunSince(_)) if begun.elapsed() < interval => {
                sleep(interval.saturating_sub(begun.elapsed())).await;
                self.get_payment(reference).await?
            }
            _ => payment,
        };
        if !self.could_ask(reference, provider.as_ref(), asker) {
            // Before the moment is noted: nobody must take this for an inquiry.
            return Ok(payment);
        }
        *last = Some(Instant::now());
        let (payment, follow_up) = self
            .ask(payment, &account, provider.as_ref(), asker)
            .await?;
        // Still under the lock: what follows must not be started twice.
        self.follow_up(payment, follow_up, &account, provider.as_ref(), asker)
            .await
    }

    /// The payment as stored.
    pub async fn get_payment(&self, reference: PaymentRef) -> Result<Payment, Trouble> {
        self.store
            .find_payment(reference)
            .await?
            .ok_or(Trouble::NotFound)
    }

    /// Asks until an answer could be written over the version it was asked for.
    pub(super) async fn ask(
        &self,
        mut payment: Payment,
        account: &StoredAccount,
        provider: &dyn Provider,
        asker: Asker,
    ) -> Result<(Payment, FollowUp), Trouble> {
        for _ in 0..TRIES {
            let answer = self.ask_once(&payment, account, provider, asker).await?;
            let Some(mut transition) = answer else {
                return Ok((payment, FollowUp::Nothing));
            };
            if let Some(alert) = &transition.alert {
                tracing::error!(
                    mc_pay_ref = %payment.reference, ?alert,
                    "the provider's answer needs a person to look at it"
                );
            }
            if transition.agreement_over {
                // First, so that the payment stays due until it is done.
                self.end_agreement(&payment).await?;
            }
            let follow_up = transition.follow_up;
            let refunds = std::mem::take(&mut transition.refunds);
            wait_for_its_day(&mut transition.payment, self.clock.now());
            if transition.payment == payment && transition.events.is_empty() {
                return Ok((self.end_refunds(payment, &refunds).await?, follow_up));
            }
            let change = self.change_of(transition);
            match self.save_over_hints(change, &payment).await? {
                Ok(saved) => return Ok((self.end_refunds(saved, &refunds).await?, follow_up)),
                Err(overtaken) => payment = overtaken,
            }
        }
        Ok((payment, FollowUp::Nothing))
    }

    /// Saves what was made of `asked`, the payment as it was asked about. A hint that came meanwhile
    /// changes nothing but when to look next, so the answer is good, and the look stays due: however
    /// often somebody repeats a callback, the provider is asked at its own pace. Otherwise gives the
    /// payment that overtook it.
    async fn save_over_hints(
        &self,
        mut change: Change,
        asked: &Payment,
    ) -> Result<Result<Payment, Payment>, Trouble> {
        for _ in 0..HINTS_MEANWHILE {
            if self.save(&change).await? == Saved::Saved {
                let mut saved = change.payment;
                saved.version += 1;
                return Ok(Ok(saved));
            }
            let now = self.get_payment(asked.reference).await?;
            let hinted = Payment {
                version: now.version,
                inquire_at: now.inquire_at,
                inquiries: now.inquiries,
                ..asked.clone()
            };
            if hinted != now {
                return Ok(Err(now));
            }
            change.payment.version = now.version;
            change.payment.inquire_at = now.inquire_at;
            change.payment.inquiries = now.inquiries;
        }
        self.get_payment(asked.reference).await.map(Err)
    }

    /// One question and what follows from its answer; nothing when there was no answer.
    async fn ask_once(
        &self,
        payment: &Payment,
        account: &StoredAccount,
        provider: &dyn Provider,
        asker: Asker,
    ) -> Result<Option<Transition>, Trouble> {
        if payment.provider_ref.is_some() {
            if !self.may_ask(payment, provider, asker) {
                return Ok(None);
            }
            let attempt = self.attempt_on(payment).await?;
            let answer = self.answer_of(provider, account, &attempt).await;
            let now = self.clock.now();
            return Ok(answer
                .ok()
                .map(|snapshot| state::apply(payment, &snapshot, now)));
        }
        if let Some(hinted) = self.store.find_hinted_ref(payment.reference).await? {
            if !self.may_ask(payment, provider, asker) {
                return Ok(None);
            }
            let attempt = Attempt {
                provider_ref: Some(hinted),
                ..self.attempt_on(payment).await?
            };
            match self.adopt(provider, account, &attempt).await {
                Adoption::Ours(snapshot) => {
                    return Ok(Some(state::apply(payment, &snapshot, self.clock.now())));
                }
                Adoption::NotOurs => tracing::error!(
                    mc_pay_ref = %payment.reference,
                    "a callback with the right key named an order that is not this payment's"
                ),
                // The provider may know it: nothing is given up before it has answered.
                Adoption::NoAnswer => return Ok(None),
            }
        }
        if provider.capabilities().create_is_idempotent {
            if !self.may_ask(payment, provider, asker) {
                return Ok(None);
            }
            let attempt = self.attempt_on(payment).await?;
            match self.answer_of(provider, account, &attempt).await {
                Ok(snapshot) => {
                    return Ok(Some(state::apply(payment, &snapshot, self.clock.now())));
                }
                Err(error) if error.failure().kind == FailureKind::NotFound => {}
                Err(_) => return Ok(None),
            }
        }
        self.without_id(payment).await
    }

    /// Nobody knows the payment by any name: it ends once nobody can expect an answer any more.
    async fn without_id(&self, payment: &Payment) -> Result<Option<Transition>, Trouble> {
        let now = self.clock.now();
        let is_lost = self
            .find_lost_since(payment)
            .await?
            .is_some_and(|since| now - since > WITHOUT_ID_LIMIT);
        if payment.status.is_pending() && is_lost {
            return Ok(Some(state::give_up(payment, Reason::Error, now)));
        }
        if !payment.status.is_pending() {
            // Over, and no id to ask about: only another hint can bring one.
            return Ok(Some(state::stop_asking(payment)));
        }
        Ok(None)
    }

    /// Counts a question that an operation of this provider asks by itself.
    pub(super) fn note_question(&self, payment: &Payment, provider: &dyn Provider) {
        if provider.capabilities().inquiry_budget.is_some() {
            self.budgets.note(payment.reference, self.clock.now());
        }
    }

    /// Whether this asker would be let through now; nothing is counted.
    fn could_ask(&self, payment: PaymentRef, provider: &dyn Provider, asker: Asker) -> bool {
        let now = self.clock.now();
        let budget = provider.capabilities().inquiry_budget;
        let allows = |budget| self.budgets.allows(payment, budget, asker, now);
        !self.pauses.has(payment, now) && budget.is_none_or(allows)
    }

    /// Whether the provider lets this asker ask now (CONTRACT 8.10); a question is counted. Whoever
    /// may not is told what is stored, and the timer comes again.
    fn may_ask(&self, payment: &Payment, provider: &dyn Provider, asker: Asker) -> bool {
        let now = self.clock.now();
        if self.pauses.has(payment.reference, now) {
            return false;
        }
        let Some(budget) = provider.capabilities().inquiry_budget else {
            return true;
        };
        let may = self.budgets.spend(payment.reference, budget, asker, now);
        if !may {
            tracing::debug!(mc_pay_ref = %payment.reference, ?asker, "not asked: the budget is spent");
        }
        may
    }

    /// Since when nobody can expect an answer to the create any more. A charge may have waited for
    /// its day; what its owner has not recorded yet is not lost.
    async fn find_lost_since(
        &self,
        payment: &Payment,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        if payment.charge_of.is_none() {
            return Ok(Some(payment.created_at));
        }
        let operations = self.store.find_operations(payment.reference).await?;
        let charge = operations
            .iter()
            .find(|one| one.kind == OperationKind::Charge);
        // One that is due is called again, and nobody can say yet that it will not be found.
        Ok(charge
            .filter(|charge| charge.due_at.is_none())
            .and_then(|charge| charge.finished_at))
    }

    /// What the provider says. When it asks for a pause, the payment has one.
    async fn answer_of(
        &self,
        provider: &dyn Provider,
        account: &StoredAccount,
        attempt: &Attempt,
    ) -> Result<Snapshot, ProviderError> {
        let call = provider.inquire(&account.account, attempt);
        let answer = within_limit(call, ProviderError::DidNotHappen).await;
        if let Err(error) = &answer {
            tracing::warn!(mc_pay_ref = %attempt.reference, %error, "the provider did not tell");
            if let Some(wait) = find_wait(error.failure()) {
                let now = self.clock.now();
                let until = now + wait.min(LONGEST_PAUSE);
                self.pauses.begin(attempt.reference, until, now);
            }
        }
        answer
    }

    /// CONTRACT 8.11: an id that a callback claimed is adopted only when the provider itself shows our
    /// reference and amount under it.
    async fn adopt(
        &self,
        provider: &dyn Provider,
        account: &StoredAccount,
        attempt: &Attempt,
    ) -> Adoption {
        let ours = attempt.reference.to_string();
        match self.answer_of(provider, account, attempt).await {
            Ok(snapshot)
                if snapshot.reference.as_deref() == Some(ours.as_str())
                    && snapshot.order_amount == attempt.amount =>
            {
                Adoption::Ours(Box::new(snapshot))
            }
            Ok(_) => Adoption::NotOurs,
            Err(error) if error.failure().kind == FailureKind::NotFound => Adoption::NotOurs,
            Err(_) => Adoption::NoAnswer,
        }
    }
}

/// What the provider says of an id that only a callback claimed.
enum Adoption {
    Ours(Box<Snapshot>),
    NotOurs,
    NoAnswer,
}
