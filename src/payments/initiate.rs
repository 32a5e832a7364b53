//! Initiate: a verified token becomes a payment at the provider.
//!
//! Record intent, commit, call, record outcome. The reference is used up from the first commit on,
//! whatever the provider then says; a create without a key is never resent (CONTRACT 4.1, 8.11).

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use mcpay_port::{
    Failure, FailureKind, NextStep, Operation, PaymentMethod, PaymentOrder, PaymentRef, Provider,
    ProviderError, Started,
};

use super::intent::Draft;
use super::keys::racing_key;
use super::operation::{OperationOutcome, OperationStatus};
use super::payment::{Payment, Reason};
use super::ports::{Begun, Change, IdempotencyClaim, Saved, StoredAnswer};
use super::service::{Payments, within_limit};
use super::state;
use super::terms::{FieldError, PageHints, read_terms};
use crate::clients::{ClientProfile, StoredAccount};
use crate::ports::StoreError;
use crate::signing::{Claims, InvalidSign, Keyring};

/// How often a 12-digit number may turn out to be taken before something is wrong.
const NUMBER_TRIES: usize = 5;
/// How often a finished provider call is tried to be recorded while the database is away.
const RECORD_TRIES: usize = 6;

/// What the library posts, and what its request tells about itself.
pub struct InitiateRequest {
    pub client_code: String,
    pub sign: String,
    pub page: PageHints,
    pub user_agent: Option<String>,
    /// `Idempotency-Key` and the SHA-256 of the body.
    pub key: Option<(String, [u8; 32])>,
}

/// How the provider's part ended; rendered once by the caller, stored, and replayed byte by byte.
#[derive(Debug)]
pub enum InitiateOutcome {
    Started {
        payment: PaymentRef,
        next: NextStep,
    },
    /// The provider said no to the request itself.
    Refused(Failure),
    /// It did not happen.
    Unavailable,
    /// It may have happened; the reconciler owns it now.
    Unknown {
        payment: PaymentRef,
    },
}

/// Why no payment was begun; nothing was written, and no provider was called.
#[derive(Debug, thiserror::Error)]
pub enum InitiateError {
    #[error("{0}")]
    InvalidSign(InvalidSign),
    #[error("fields are missing or broken")]
    Fields(Vec<FieldError>),
    #[error("the client has no account for the method")]
    MethodUnavailable,
    #[error("the client's rate limit is reached for {0} s")]
    RateLimited(u64),
    #[error("the external reference was used before")]
    ReferenceUsed,
    #[error("the key came with another body")]
    KeyConflict,
    #[error("the key is still being worked on")]
    KeyInProgress,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the edge decides for the use-case: how answers look, and whether a client has used up its
/// limit.
pub trait Edge: Sync {
    fn answer(&self, outcome: &InitiateOutcome) -> StoredAnswer;
    /// Counts one accepted new reference against the client.
    ///
    /// # Errors
    /// The seconds to wait when the limit is reached.
    fn admit(&self, profile: &ClientProfile) -> Result<(), u64>;
}

impl Payments {
    /// Starts a payment. The answer is what `edge` made of the outcome, or the stored answer of an
    /// earlier request with the same key.
    pub async fn initiate(
        &self,
        request: &InitiateRequest,
        edge: &dyn Edge,
    ) -> Result<StoredAnswer, InitiateError> {
        let (profile, claims) = self
            .authenticate(request)
            .map_err(InitiateError::InvalidSign)?;
        let claim = self.claim_of(request, &profile);
        if let Some(used) = self.find_key_use(claim.as_ref()).await? {
            return self.answer_for(used, edge).await;
        }
        let now = self.clock.now();
        let terms = read_terms(&claims, &profile, &request.page, &request.client_code, now)
            .map_err(InitiateError::Fields)?;
        let (account, provider) = self.account_for(&profile, terms.method)?;
        let draft = Draft {
            profile: &profile,
            account: &account,
            terms: &terms,
            request,
        };
        let begun = match self.admit(&draft, edge).await {
            Ok(()) => self.begin(&draft, claim.clone()).await,
            Err(error) => Err(error),
        };
        let (payment, operation, order) = match begun {
            Ok(begun) => begun,
            // A request that was repeated while the first one was at work is told about its key
            // rather than about the reference that it shares with itself.
            Err(InitiateError::ReferenceUsed) => {
                return match self.find_key_use(claim.as_ref()).await? {
                    Some(used) => self.answer_for(used, edge).await,
                    None => Err(InitiateError::ReferenceUsed),
                };
            }
            Err(error) => return Err(error),
        };
        let called = self
            .call_initiate(&account, provider.as_ref(), operation, &order)
            .await;
        Ok(self
            .record_or_say_unknown(payment, operation, called, edge)
            .await)
    }

    /// Who asks, and what the token says. Unknown clients and wrong keys look the same from outside.
    fn authenticate(
        &self,
        request: &InitiateRequest,
    ) -> Result<(Arc<ClientProfile>, Claims), InvalidSign> {
        let now = self.clock.now();
        let Some(profile) = self.registry.profile(&request.client_code) else {
            let nobodys = Keyring::default().verify(&request.sign, now);
            return Err(match nobodys {
                Err(InvalidSign::NotAToken) => InvalidSign::NotAToken,
                Err(InvalidSign::TooLong) => InvalidSign::TooLong,
                Err(InvalidSign::CriticalHeader) => InvalidSign::CriticalHeader,
                _ => InvalidSign::UnknownClient,
            });
        };
        let claims = profile.keyring.verify(&request.sign, now)?;
        claims.check_client_code(&request.client_code)?;
        Ok((profile, claims))
    }

    /// Only a new reference counts against the client's limit, so the look comes first.
    async fn admit(&self, draft: &Draft<'_>, edge: &dyn Edge) -> Result<(), InitiateError> {
        let reference = &draft.terms.external_reference;
        if self
            .store
            .is_reference_used(&draft.profile.client.code, reference)
            .await?
        {
            return Err(InitiateError::ReferenceUsed);
        }
        edge.admit(draft.profile)
            .map_err(InitiateError::RateLimited)
    }

    fn account_for(
        &self,
        profile: &ClientProfile,
        method: PaymentMethod,
    ) -> Result<(Arc<StoredAccount>, Arc<dyn Provider>), InitiateError> {
        let id = profile.accounts.get(&method.provider()).copied();
        let account = id.and_then(|id| self.registry.account(id));
        let provider = self.providers.get(&method.provider()).cloned();
        account
            .zip(provider)
            .filter(|(_, provider)| provider.capabilities().methods.contains(&method))
            .ok_or(InitiateError::MethodUnavailable)
    }

    /// Commits the intent. Only one of those that race with one reference, or with one key, gets
    /// past this.
    async fn begin(
        &self,
        draft: &Draft<'_>,
        claim: Option<IdempotencyClaim>,
    ) -> Result<(Payment, Operation, PaymentOrder), InitiateError> {
        for _ in 0..NUMBER_TRIES {
            let (intent, order) = self.intend(draft, claim.clone());
            match self.store.begin(&intent).await {
                Ok(Begun::Begun) => {
                    self.events_written.wake();
                    return Ok((intent.payment, intent.operation.operation, order));
                }
                Ok(Begun::ReferenceUsed) => return Err(InitiateError::ReferenceUsed),
                Ok(Begun::Key(used)) => return Err(racing_key(&used)),
                Err(StoreError::Constraint("operations_number_unique")) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Constraint("operations_number_unique").into())
    }

    async fn call_initiate(
        &self,
        account: &StoredAccount,
        provider: &dyn Provider,
        operation: Operation,
        order: &PaymentOrder,
    ) -> Result<Started, ProviderError> {
        let call = provider.initiate(&account.account, operation, order);
        within_limit(call, ProviderError::MayHaveHappened).await
    }

    /// The provider has acted, so the answer is never that nothing happened: a database that is away
    /// is waited for, and then the outcome is told as unknown. The timer asks the provider later.
    async fn record_or_say_unknown(
        &self,
        payment: Payment,
        operation: Operation,
        called: Result<Started, ProviderError>,
        edge: &dyn Edge,
    ) -> StoredAnswer {
        let reference = payment.reference;
        let wait = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(2))
            .with_max_times(RECORD_TRIES);
        let recorded = (|| self.record_initiated(payment.clone(), operation, &called, edge))
            .retry(wait)
            .when(|error| matches!(error, StoreError::Unavailable(_)))
            .await;
        recorded.unwrap_or_else(|error| {
            tracing::error!(mc_pay_ref = %reference, %error, "a start could not be recorded");
            edge.answer(&InitiateOutcome::Unknown { payment: reference })
        })
    }

    /// Records the outcome over whatever happened meanwhile: a callback may have been faster.
    async fn record_initiated(
        &self,
        payment: Payment,
        operation: Operation,
        called: &Result<Started, ProviderError>,
        edge: &dyn Edge,
    ) -> Result<StoredAnswer, StoreError> {
        let reference = payment.reference;
        if let Err(error) = called {
            tracing::warn!(mc_pay_ref = %reference, %error, "the provider did not start it");
        }
        let mut current = payment;
        loop {
            let now = self.clock.now();
            let answer = edge.answer(&outcome_for(&current, called));
            let change = Change {
                operation: Some(OperationOutcome::of(
                    operation,
                    called,
                    |_| OperationStatus::Done,
                    now,
                )),
                answer: Some(answer.clone()),
                ..self.initiated(&current, called)
            };
            match self.save(&change).await? {
                Saved::Saved => return Ok(answer),
                Saved::Overtaken => {
                    current = self.store.find_payment(reference).await?.ok_or_else(|| {
                        StoreError::Broken("a payment vanished while it was started".into())
                    })?;
                }
            }
        }
    }

    /// What the provider's answer makes of the payment.
    fn initiated(&self, current: &Payment, called: &Result<Started, ProviderError>) -> Change {
        let now = self.clock.now();
        match called {
            Ok(started) => {
                let mut payment = current.clone();
                payment.provider_ref = payment
                    .provider_ref
                    .or_else(|| started.provider_ref.clone());
                payment.next_step = Some(started.next.clone());
                if !payment.status.is_pending() {
                    // Given up meanwhile: the timer closes what is now open at the provider.
                    payment.inquire_at = Some(now);
                }
                Change::of(payment)
            }
            Err(_) if !current.status.is_pending() || current.provider_ref.is_some() => {
                // Somebody learnt more from the provider than this call did.
                Change::of(current.clone())
            }
            Err(ProviderError::DidNotHappen(_)) => {
                self.change_of(state::give_up(current, Reason::Error, now))
            }
            Err(ProviderError::MayHaveHappened(_)) => self.change_of(state::lose_sight(current)),
        }
    }
}

/// A payment that was given up while the provider started it must not be paid any more.
fn outcome_for(current: &Payment, called: &Result<Started, ProviderError>) -> InitiateOutcome {
    let payment = current.reference;
    match called {
        Ok(_) if !current.status.is_pending() => InitiateOutcome::Unknown { payment },
        Ok(started) => InitiateOutcome::Started {
            payment,
            next: started.next.clone(),
        },
        Err(error) => outcome_of(payment, error),
    }
}

fn outcome_of(payment: PaymentRef, error: &ProviderError) -> InitiateOutcome {
    match error {
        ProviderError::MayHaveHappened(_) => InitiateOutcome::Unknown { payment },
        ProviderError::DidNotHappen(failure) => match failure.kind {
            FailureKind::Unreachable | FailureKind::RateLimited { .. } => {
                InitiateOutcome::Unavailable
            }
            _ => InitiateOutcome::Refused(failure.clone()),
        },
    }
}
