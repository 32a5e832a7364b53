//! Answer: what a merchant's backend is told, kept for its key (CONTRACT 8.13).
//!
//! An outcome that nobody knows yet is not kept: whoever repeats the request is told how it ended,
//! as soon as that is known.

use chrono::{DateTime, Utc};
use mcpay_port::{AgreementId, Failure, FailureKind, PaymentRef, Progress, ProviderError};

use super::agreement::Agreement;
use super::asked::{AskError, Asked, Teller, Told};
use super::failures::is_passing;
use super::keys::KEY_OWNER_LIMIT;
use super::ledger::larger;
use super::operation::{OperationKind, OperationStatus, StoredOperation};
use super::payment::Payment;
use super::ports::{IdempotencyClaim, KeyUse, StoredAnswer};
use super::service::{Payments, Trouble};
use crate::clients::ClientCode;

impl From<Trouble> for AskError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NotFound => Self::NotFound,
            Trouble::NoAccount => Self::NoAccount,
            Trouble::Store(error) => Self::Store(error),
        }
    }
}

impl Asked {
    pub(super) fn claim(&self, route: &'static str, now: DateTime<Utc>) -> IdempotencyClaim {
        IdempotencyClaim {
            client: self.client.clone(),
            route,
            key: self.key.clone(),
            body_hash: self.body_hash,
            claimed_at: now,
        }
    }
}

impl Payments {
    /// The payment, if it is this client's.
    pub(super) async fn payment_of(
        &self,
        client: &ClientCode,
        reference: PaymentRef,
    ) -> Result<Payment, AskError> {
        let found = self.store.find_payment(reference).await?;
        found
            .filter(|payment| payment.client == *client)
            .ok_or(AskError::NotFound)
    }

    /// The agreement, if it is this client's.
    pub(super) async fn agreement_of(
        &self,
        client: &ClientCode,
        id: AgreementId,
    ) -> Result<Agreement, AskError> {
        let found = self.store.find_agreement(id).await?;
        found
            .filter(|agreement| agreement.client == *client)
            .ok_or(AskError::NotFound)
    }

    /// What a request with a key that was used before is told.
    pub(super) async fn find_answer(
        &self,
        claim: &IdempotencyClaim,
        teller: &dyn Teller,
    ) -> Result<Option<StoredAnswer>, AskError> {
        match self.store.find_key_use(claim).await? {
            Some(used) => self.answer_of_key(used, teller).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn answer_of_key(
        &self,
        used: KeyUse,
        teller: &dyn Teller,
    ) -> Result<StoredAnswer, AskError> {
        match used {
            KeyUse::Replay(answer) => Ok(answer),
            KeyUse::Conflict => Err(AskError::KeyConflict),
            KeyUse::InProgress {
                payment,
                operation,
                claimed_at,
            } => {
                if self.clock.now() - claimed_at <= KEY_OWNER_LIMIT {
                    return Err(AskError::KeyInProgress);
                }
                let payment = self.get_payment(payment).await?;
                let operations = self.store.find_operations(payment.reference).await?;
                let named = operations.iter().find(|one| match operation {
                    Some(id) => one.operation.id == id,
                    None => one.kind == OperationKind::Charge,
                });
                Ok(teller.answer(&told_later(&payment, named, self.clock.now())))
            }
        }
    }

    /// Renders the answer and keeps it for the key.
    pub(super) async fn tell(
        &self,
        claim: &IdempotencyClaim,
        about: PaymentRef,
        told: &Told,
        teller: &dyn Teller,
    ) -> StoredAnswer {
        let answer = teller.answer(told);
        if !matches!(told, Told::Unknown(_))
            && let Err(error) = self.store.keep_answer(claim, about, &answer).await
        {
            // The money has moved or not; a repeated request is told so by the operation.
            tracing::error!(mc_pay_ref = %about, %error, "an answer could not be kept");
        }
        answer
    }
}

/// How an operation ended whose request was never answered.
fn told_later(payment: &Payment, operation: Option<&StoredOperation>, now: DateTime<Utc>) -> Told {
    let Some(operation) = operation else {
        return Told::Unknown(payment.reference);
    };
    let id = operation.operation.id;
    if let (OperationKind::Charge, Some(agreement)) = (operation.kind, payment.charge_of) {
        let waits = payment.inquire_at.is_none() && operation.due_at.is_some_and(|due| due > now);
        // The payment may have ended though nobody learnt what became of the call.
        let is_known = !payment.status.is_pending()
            || matches!(
                operation.status,
                OperationStatus::Done | OperationStatus::Failed
            );
        if waits || is_known {
            return Told::Charged {
                payment: payment.reference,
                agreement,
                status: payment.status.public(),
            };
        }
    }
    match operation.status {
        OperationStatus::Requested | OperationStatus::Unknown => Told::Unknown(payment.reference),
        OperationStatus::Failed => Told::Refused(Failure {
            code: operation.code.clone(),
            ..Failure::new(FailureKind::Refused)
        }),
        OperationStatus::Done | OperationStatus::Accepted => {
            match (operation.kind, payment.agreement) {
                (OperationKind::Stop, Some(agreement)) => Told::Stopped(agreement.id),
                _ if operation.status == OperationStatus::Done => Told::Done(id),
                _ => Told::Accepted(id),
            }
        }
    }
}

/// What the provider's answer to an operation is told as.
pub(super) fn told_of(
    operation: &StoredOperation,
    called: &Result<Progress, ProviderError>,
) -> Told {
    match called {
        Ok(Progress::Done) => Told::Done(operation.operation.id),
        Ok(Progress::Accepted) => Told::Accepted(operation.operation.id),
        Err(error) => told_of_error(operation.payment, error),
    }
}

pub(super) fn told_of_error(payment: PaymentRef, error: &ProviderError) -> Told {
    match error {
        ProviderError::MayHaveHappened(_) => Told::Unknown(payment),
        ProviderError::DidNotHappen(failure) if is_passing(failure) => Told::Unavailable,
        ProviderError::DidNotHappen(failure) => Told::Refused(failure.clone()),
    }
}

/// A sentence with state and amounts.
pub(super) fn describe(payment: &Payment) -> String {
    let amounts = &payment.amounts;
    format!(
        "The payment is {}: {} authorised, {} captured, {} released, {} refunded.",
        payment.status.as_str(),
        amounts.authorized,
        larger(amounts.captured, payment.reserved.captured),
        amounts.cancelled,
        larger(amounts.refunded, payment.reserved.refunded),
    )
}
