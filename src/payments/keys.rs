//! Idempotency keys of `paymentInit` (CONTRACT 8.13): what a repeated request is told.

use mcpay_port::PaymentRef;

use super::payment::PublicStatus;
use super::ports::{IdempotencyClaim, KeyUse, StoredAnswer};
use super::service::Payments;
use super::start::{Edge, InitiateError, InitiateOutcome, InitiateRequest};
use crate::clients::ClientProfile;
use crate::ports::StoreError;

/// A key whose owner has not answered for this long is taken for dead.
pub(super) const KEY_OWNER_LIMIT: chrono::Duration = chrono::Duration::seconds(30);

impl Payments {
    pub(super) fn claim_of(
        &self,
        request: &InitiateRequest,
        profile: &ClientProfile,
    ) -> Option<IdempotencyClaim> {
        let (key, body_hash) = request.key.as_ref()?;
        Some(IdempotencyClaim {
            client: profile.client.code.clone(),
            route: "paymentInit",
            key: key.clone(),
            body_hash: *body_hash,
            claimed_at: self.clock.now(),
        })
    }

    pub(super) async fn find_key_use(
        &self,
        claim: Option<&IdempotencyClaim>,
    ) -> Result<Option<KeyUse>, StoreError> {
        match claim {
            Some(claim) => self.store.find_key_use(claim).await,
            None => Ok(None),
        }
    }

    pub(super) async fn answer_for(
        &self,
        used: KeyUse,
        edge: &dyn Edge,
    ) -> Result<StoredAnswer, InitiateError> {
        match used {
            KeyUse::Replay(answer) => Ok(answer),
            KeyUse::InProgress {
                payment,
                claimed_at,
                ..
            } if self.clock.now() - claimed_at > KEY_OWNER_LIMIT => {
                self.answer_for_the_dead(payment, edge).await
            }
            other => Err(racing_key(&other)),
        }
    }

    /// CONTRACT 8.13: the key's owner never answered. Once the payment has ended without money, the
    /// answer is that none was started; until then nobody knows.
    async fn answer_for_the_dead(
        &self,
        reference: PaymentRef,
        edge: &dyn Edge,
    ) -> Result<StoredAnswer, InitiateError> {
        let payment = self.store.find_payment(reference).await?;
        if payment.is_some_and(|payment| payment.status.public() == PublicStatus::Failure) {
            return Ok(edge.answer(&InitiateOutcome::Unavailable));
        }
        Ok(edge.answer(&InitiateOutcome::Unknown { payment: reference }))
    }
}

pub(super) const fn racing_key(used: &KeyUse) -> InitiateError {
    match used {
        KeyUse::Conflict => InitiateError::KeyConflict,
        // A replay that turned up between the look and the claim: the next try gets it.
        KeyUse::InProgress { .. } | KeyUse::Replay(_) => InitiateError::KeyInProgress,
    }
}
