//! Everything the use-cases need, gathered once. Each verb adds its `impl Payments` in its own
//! file.

use std::sync::Arc;
use std::time::Duration;

use mcpay_port::{AccountId, Failure, FailureKind, Provider, ProviderError};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use url::Url;

use super::automatic::{automatic_capture, is_captured_by_itself};
use super::backoff::Polls;
use super::budget::Budgets;
use super::flights::Flights;
use super::looks::Looks;
use super::operation::{NewOperation, OperationKind};
use super::pauses::Pauses;
use super::payment::Payment;
use super::ports::{Change, PaymentStore, Saved};
use super::profile::{NewProfile, PROFILE_LIFE};
use super::providers::Providers;
use super::room::Room;
use super::state::Transition;
use crate::clients::{Registry, StoredAccount};
use crate::events::{Event, Wakeup};
use crate::payments::agreement::Activation;
use crate::ports::{Clock, Ids, StoreError};

/// No provider call takes longer, whatever its adapter does.
const PROVIDER_LIMIT: Duration = Duration::from_secs(12);

/// The use-cases of payments.
pub struct Payments {
    pub(super) store: Arc<dyn PaymentStore>,
    pub(super) providers: Providers,
    pub(super) registry: Arc<Registry>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
    /// Told after every commit that wrote events.
    pub(super) events_written: Wakeup,
    pub(super) public_url: Url,
    pub(super) polls: Polls,
    /// When registrations of webhooks are looked at again.
    pub(super) looks: Looks,
    pub(super) flights: Flights,
    pub(super) budgets: Budgets,
    pub(super) pauses: Pauses,
    pub(super) looking_after: Room,
    /// The same for operations, so that neither waits for the other.
    pub(super) carrying: Room,
    /// Told after every commit that wrote an operation which is due.
    pub(super) operations_due: Wakeup,
    /// Work that goes on after an answer was given.
    pub(super) background: TaskTracker,
}

/// What [`Payments`] is made of.
pub struct Parts {
    pub store: Arc<dyn PaymentStore>,
    pub providers: Providers,
    pub registry: Arc<Registry>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub events_written: Wakeup,
    /// Where browsers and providers reach this service.
    pub public_url: Url,
    pub background: TaskTracker,
}

impl Payments {
    pub fn new(parts: Parts) -> Self {
        Self {
            polls: Polls::of(&parts.providers),
            store: parts.store,
            providers: parts.providers,
            registry: parts.registry,
            clock: parts.clock,
            ids: parts.ids,
            events_written: parts.events_written,
            public_url: parts.public_url,
            looks: Looks::default(),
            flights: Flights::default(),
            budgets: Budgets::default(),
            pauses: Pauses::default(),
            looking_after: Room::new(),
            carrying: Room::new(),
            operations_due: Wakeup::new(),
            background: parts.background,
        }
    }

    pub(super) fn account(&self, id: AccountId) -> Result<Arc<StoredAccount>, Trouble> {
        self.registry.account(id).ok_or(Trouble::NoAccount)
    }

    /// The account a payment began with and the adapter that serves it.
    pub(super) fn provider_of(
        &self,
        payment: &Payment,
    ) -> Result<(Arc<StoredAccount>, Arc<dyn Provider>), Trouble> {
        let account = self.account(payment.account)?;
        let provider = self.providers.get(&account.account.provider).cloned();
        Ok((account, provider.ok_or(Trouble::NoAccount)?))
    }

    pub(super) fn new_operation(&self, payment: &Payment, kind: OperationKind) -> NewOperation {
        NewOperation::on(payment, kind, self.clock.now(), self.ids.as_ref())
    }

    /// A change that carries a transition's payment, its events in order, and the agreement it
    /// activates.
    pub(super) fn change_of(&self, transition: Transition) -> Change {
        let now = self.clock.now();
        let mut payment = transition.payment;
        let next_operation = (transition.authorized && self.must_capture(&payment))
            .then(|| automatic_capture(&mut payment, now, self.ids.as_ref()))
            .flatten();
        let mut events: Vec<Event> = transition
            .events
            .into_iter()
            .map(|kind| payment.tell(kind, self.ids.uuid(), now))
            .collect();
        let profile = transition.profile_subject.map(|subject| NewProfile {
            subject,
            due_at: now,
            drop_at: payment.authorized_at.unwrap_or(now) + PROFILE_LIFE,
        });
        let activation = transition
            .activation
            .zip(payment.agreement)
            .map(|(token, agreement)| {
                events.extend(payment.tell_agreement(self.ids.uuid(), now));
                Activation {
                    id: agreement.id,
                    token: token.0,
                    activated_at: now,
                }
            });
        Change {
            next_operation,
            activation,
            profile,
            events,
            ..Change::of(payment)
        }
    }

    /// Whether a capture has to follow the authorisation, and the provider does not take the money
    /// of charges anyway.
    fn must_capture(&self, payment: &Payment) -> bool {
        let takes_itself = payment.charge_of.is_some()
            && self
                .provider_of(payment)
                .is_ok_and(|(_, provider)| provider.capabilities().charges.captured_at_once);
        is_captured_by_itself(payment) && !takes_itself
    }

    /// Called whenever an operation is due at once.
    pub fn operations_due(&self) -> &Wakeup {
        &self.operations_due
    }

    /// Saves a change and wakes whoever publishes its events.
    pub(super) async fn save(&self, change: &Change) -> Result<Saved, StoreError> {
        let saved = self.store.save(change).await?;
        if saved == Saved::Saved && !change.events.is_empty() {
            self.events_written.wake();
        }
        let now = self.clock.now();
        let is_due = |next: &NewOperation| next.due_at.is_some_and(|due| due <= now);
        if saved == Saved::Saved && change.next_operation.as_ref().is_some_and(is_due) {
            self.operations_due.wake();
        }
        Ok(saved)
    }
}

/// Gives a provider call up after [`PROVIDER_LIMIT`]; `verdict` says what a lost answer means.
pub(super) async fn within_limit<T>(
    call: impl Future<Output = Result<T, ProviderError>>,
    verdict: fn(Failure) -> ProviderError,
) -> Result<T, ProviderError> {
    let lost = |_| Err(verdict(Failure::new(FailureKind::Timeout)));
    timeout(PROVIDER_LIMIT, call).await.unwrap_or_else(lost)
}

/// Why a use-case on an existing payment could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("there is no such payment")]
    NotFound,
    /// The account or adapter that the payment began with is not loaded: a set-up error.
    #[error("the payment's account is not available in this process")]
    NoAccount,
    #[error(transparent)]
    Store(#[from] StoreError),
}
