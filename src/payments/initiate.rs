//! Initiate: a verified token becomes a payment at the provider.
//!
//! Record intent, commit, call, record outcome. The reference is used up from the first commit on,
//! whatever the provider then says; a create without a key is never resent (CONTRACT 4.1, 8.11).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable as _};
use chrono::TimeDelta;
use mcpay_port::{
    Operation, PaymentMethod, PaymentOrder, PaymentRef, Provider, ProviderError, Started,
};

use super::inquire::WITHOUT_ID_LIMIT;
use super::intent::{Draft, settlement_terms};
use super::keys::racing_key;
use super::operation::{OperationOutcome, OperationStatus};
use super::outcome::outcome_for;
use super::payment::{Payment, Reason};
use super::ports::{
    Begun, Change, IdempotencyClaim, Intent, Opening, PaymentStore, Saved, StoredAnswer,
};
use super::service::{Payments, within_limit};
use super::start::{Edge, InitiateError, InitiateOutcome, InitiateRequest, StartRequest};
use super::state;
use super::terms::read_terms;
use crate::clients::{ClientProfile, StoredAccount};
use crate::ports::StoreError;
use crate::signing::{Claims, InvalidSign, Keyring};

/// How often a 12-digit number may turn out to be taken before something is wrong.
const NUMBER_TRIES: usize = 5;
/// How often a finished provider call is tried to be recorded while the database is away.
const RECORD_TRIES: usize = 6;

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
        let start = StartRequest {
            settlement: settlement_terms(&profile),
            profile,
            terms,
            user_agent: request.user_agent.clone(),
            claimed: false,
        };
        let started = match self.admit(&start, edge).await {
            Ok(()) => {
                let alone = Alone(self.store.as_ref());
                self.start(&start, claim.clone(), &alone, Some(edge)).await
            }
            Err(error) => Err(error),
        };
        match started {
            Ok((_, outcome)) => Ok(edge.answer(&outcome)),
            // A request that was repeated while the first one was at work is told about its key
            // rather than about the reference that it shares with itself.
            Err(InitiateError::ReferenceUsed) => match self.find_key_use(claim.as_ref()).await? {
                Some(used) => self.answer_for(used, edge).await,
                None => Err(InitiateError::ReferenceUsed),
            },
            Err(error) => Err(error),
        }
    }

    /// Starts a payment that nobody signed a token for: a fulfilment's. What must stand or fall
    /// with its intent is up to `opening`.
    pub async fn open(
        &self,
        request: StartRequest,
        opening: &dyn Opening,
    ) -> Result<(PaymentRef, InitiateOutcome), InitiateError> {
        self.start(&request, None, opening, None).await
    }

    /// Intent, commit, call, record. The answer for the key of `claim` is what `edge` makes of the
    /// outcome.
    async fn start(
        &self,
        start: &StartRequest,
        claim: Option<IdempotencyClaim>,
        opening: &dyn Opening,
        edge: Option<&dyn Edge>,
    ) -> Result<(PaymentRef, InitiateOutcome), InitiateError> {
        let (account, provider) = self.account_for(&start.profile, start.terms.method)?;
        let draft = Draft {
            profile: &start.profile,
            account: &account,
            terms: &start.terms,
            start,
        };
        let (payment, operation, order) = self.begin(draft, claim, opening).await?;
        let reference = payment.reference;
        let called = self
            .call_initiate(&account, provider.as_ref(), operation, &order)
            .await;
        let outcome = self
            .record_or_say_unknown(payment, operation, called, edge)
            .await;
        Ok((reference, outcome))
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
    async fn admit(&self, start: &StartRequest, edge: &dyn Edge) -> Result<(), InitiateError> {
        let (client, reference) = (&start.profile.client.code, &start.terms.external_reference);
        // Neither is said to be used by a client who has no account for the method.
        self.account_for(&start.profile, start.terms.method)?;
        if self.store.is_reference_used(client, reference).await? {
            return Err(InitiateError::ReferenceUsed);
        }
        edge.admit(&start.profile)
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
        draft: Draft<'_>,
        claim: Option<IdempotencyClaim>,
        opening: &dyn Opening,
    ) -> Result<(Payment, Operation, PaymentOrder), InitiateError> {
        for _ in 0..NUMBER_TRIES {
            let (intent, order) = self.intend(&draft, claim.clone());
            match opening.begin(&intent).await {
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
        edge: Option<&dyn Edge>,
    ) -> InitiateOutcome {
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
            InitiateOutcome::Unknown { payment: reference }
        })
    }

    /// Records the outcome over whatever happened meanwhile: a callback may have been faster.
    async fn record_initiated(
        &self,
        payment: Payment,
        operation: Operation,
        called: &Result<Started, ProviderError>,
        edge: Option<&dyn Edge>,
    ) -> Result<InitiateOutcome, StoreError> {
        let reference = payment.reference;
        let by_reference = self
            .provider_of(&payment)
            .is_ok_and(|(_, provider)| provider.capabilities().create_is_idempotent);
        if let Err(error) = called {
            tracing::warn!(mc_pay_ref = %reference, %error, "the provider did not start it");
        }
        let mut current = payment;
        loop {
            let now = self.clock.now();
            let outcome = outcome_for(&current, called);
            let change = Change {
                operation: Some(OperationOutcome::of(
                    operation,
                    called,
                    |_| OperationStatus::Done,
                    now,
                )),
                answer: edge.map(|edge| edge.answer(&outcome)),
                ..self.initiated(&current, called, by_reference)
            };
            match self.save(&change).await? {
                Saved::Saved => return Ok(outcome),
                Saved::Overtaken => {
                    current = self.store.find_payment(reference).await?.ok_or_else(|| {
                        StoreError::Broken("a payment vanished while it was started".into())
                    })?;
                }
            }
        }
    }

    /// What the provider's answer makes of the payment.
    fn initiated(
        &self,
        current: &Payment,
        called: &Result<Started, ProviderError>,
        by_reference: bool,
    ) -> Change {
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
            Err(ProviderError::MayHaveHappened(_)) => {
                let mut change = self.change_of(state::lose_sight(current));
                if by_reference {
                    // Nobody was sent there, so there is no hurry, and looking may be costly: one
                    // look tells, once nothing more can come of the create.
                    let look = current.created_at + WITHOUT_ID_LIMIT + TimeDelta::seconds(1);
                    change.payment.inquire_at = Some(look);
                }
                change
            }
        }
    }
}

/// A payment that stands alone: nothing else is stored with its intent.
struct Alone<'a>(&'a dyn PaymentStore);

#[async_trait]
impl Opening for Alone<'_> {
    async fn begin(&self, intent: &Intent) -> Result<Begun, StoreError> {
        self.0.begin(intent).await
    }
}
