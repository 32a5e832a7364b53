//! What the domain of payments needs from its store.
//!
//! Every method of the store is one transaction. None is ever held over a provider call.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mcpay_port::{AgreementId, Money, OperationId, PaymentRef, ProviderRef};
use secrecy::SecretString;

use super::agreement::{Activation, Agreement, NewAgreement, Stopped};
use super::backoff::Polls;
use super::operation::{NewOperation, OperationOutcome, StoredOperation};
use super::payment::{Payment, PublicStatus};
use super::profile::{NewProfile, ProfileStore};
use super::registration::RegistrationStore;
use crate::clients::ClientCode;
use crate::events::Event;
use crate::ports::StoreError;

/// A request that may be repeated: CONTRACT 8.13.
#[derive(Clone, Debug)]
pub struct IdempotencyClaim {
    pub client: ClientCode,
    pub route: &'static str,
    pub key: String,
    /// SHA-256 of the body's bytes.
    pub body_hash: [u8; 32],
    pub claimed_at: DateTime<Utc>,
}

/// The answer to keep for a claim.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    pub status: u16,
    pub body: String,
}

/// The body holds addresses with the provider's tokens in them: `Debug` shows the status.
impl fmt::Debug for StoredAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredAnswer({})", self.status)
    }
}

/// What is known of a key that was used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// The same body, answered: give this answer again.
    Replay(StoredAnswer),
    /// The same body, no answer yet.
    InProgress {
        payment: PaymentRef,
        /// What the key's request set going, where it is not the payment itself.
        operation: Option<OperationId>,
        claimed_at: DateTime<Utc>,
    },
    /// Another body.
    Conflict,
}

/// The intent of a payment, all of it in one transaction: the key, the payment (which uses up its
/// external reference), the agreement, the operation and the event.
#[derive(Clone, Debug)]
pub struct Intent {
    pub claim: Option<IdempotencyClaim>,
    pub payment: Payment,
    pub agreement: Option<NewAgreement>,
    pub operation: NewOperation,
    pub events: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    Begun,
    /// The key was used before; nothing was written.
    Key(KeyUse),
    /// The external reference was used before; nothing was written.
    ReferenceUsed,
}

/// A change of one payment with everything that must stand or fall with it.
#[derive(Clone, Debug)]
pub struct Change {
    /// As it shall be. Its `version` is the one it was made from; the store adds one.
    pub payment: Payment,
    pub operation: Option<OperationOutcome>,
    /// An operation whose intent is committed with this change.
    pub next_operation: Option<NewOperation>,
    pub activation: Option<Activation>,
    /// The agreement that ends with this change.
    pub stopped: Option<Stopped>,
    pub order_refund: Option<OrderRefund>,
    pub profile: Option<NewProfile>,
    pub events: Vec<Event>,
    /// The answer to keep for the key that began this payment.
    pub answer: Option<StoredAnswer>,
}

impl Change {
    pub fn of(payment: Payment) -> Self {
        Self {
            payment,
            operation: None,
            next_operation: None,
            activation: None,
            stopped: None,
            order_refund: None,
            profile: None,
            events: Vec::new(),
            answer: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    Saved,
    /// Somebody else changed the payment since it was read; nothing was written.
    Overtaken,
}

/// What a refund uses up of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRefund {
    pub order: i64,
    /// Reserved; negative when a refund failed and gives it back.
    pub amount: Money,
}

impl OrderRefund {
    /// What a failed refund had reserved of its order, where it has one.
    pub fn given_back(order: Option<i64>, amount: Money) -> Option<Self> {
        let none = Money::zero(amount.currency());
        let amount = none.checked_sub(amount).ok()?;
        order.map(|order| Self { order, amount })
    }
}

/// An order that a payment pays for, as far as its refunds are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidOrder {
    pub order: i64,
    pub amount: Money,
    pub refund_reserved: Money,
}

/// What became of the intent of an operation that somebody asked for with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intended {
    Intended,
    /// Somebody else changed the payment since it was read; nothing was written.
    Overtaken,
    /// The key was used before; nothing was written.
    Key(KeyUse),
}

/// How an intent is stored: alone, or with what else must stand or fall with it (the orders of a
/// fulfilment).
#[async_trait]
pub trait Opening: Send + Sync {
    async fn begin(&self, intent: &Intent) -> Result<Begun, StoreError>;
}

/// Which payments a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    pub external_reference: Option<String>,
    pub status: Option<PublicStatus>,
    /// Begun at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Begun before this moment.
    pub to: Option<DateTime<Utc>>,
    /// The last payment of the page before.
    pub after: Option<PaymentRef>,
    pub limit: u16,
}

#[async_trait]
pub trait PaymentStore: RegistrationStore + ProfileStore + Send + Sync {
    /// Looks a key up without claiming it.
    async fn find_key_use(&self, claim: &IdempotencyClaim) -> Result<Option<KeyUse>, StoreError>;

    /// # Errors
    /// [`StoreError::Constraint`] with `operations_number_unique` when the 12-digit number is
    /// taken: begin again with another.
    async fn begin(&self, intent: &Intent) -> Result<Begun, StoreError>;

    /// Whether this client has used this external reference. A look only: [`PaymentStore::begin`]
    /// decides.
    async fn is_reference_used(
        &self,
        client: &ClientCode,
        external_reference: &str,
    ) -> Result<bool, StoreError>;

    /// # Errors
    /// [`StoreError::Constraint`] with `orders_refunds_within_amount` when the order has less left.
    async fn save(&self, change: &Change) -> Result<Saved, StoreError>;

    /// As [`PaymentStore::save`], and claims the key in the same transaction; the key names the
    /// change's next operation.
    async fn intend(
        &self,
        change: &Change,
        claim: &IdempotencyClaim,
    ) -> Result<Intended, StoreError>;

    /// Keeps the answer for a key, claimed or not. An answer that is already kept stays.
    async fn keep_answer(
        &self,
        claim: &IdempotencyClaim,
        about: PaymentRef,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError>;

    async fn find_payment(&self, reference: PaymentRef) -> Result<Option<Payment>, StoreError>;

    /// Stores that somebody hinted at this payment and makes it due now. The provider's id is kept
    /// for adoption when the payment has none yet.
    async fn record_hint(
        &self,
        reference: PaymentRef,
        provider_ref: Option<&ProviderRef>,
        received_at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// The latest provider id that a hint claimed for this payment.
    async fn find_hinted_ref(
        &self,
        reference: PaymentRef,
    ) -> Result<Option<ProviderRef>, StoreError>;

    /// Takes up to `limit` payments whose `inquire_at` has come, counts the inquiry and moves
    /// `inquire_at` on by the wait of `polls`, so that no other instance takes them and a crashed
    /// one loses nothing.
    async fn claim_due_inquiries(
        &self,
        now: DateTime<Utc>,
        limit: i64,
        polls: &Polls,
    ) -> Result<Vec<PaymentRef>, StoreError>;

    /// Takes up to `limit` operations whose `due_at` has come, of one payment or of all, counts the
    /// try and moves `due_at` on, so that no other instance takes them and a crashed one loses
    /// nothing.
    async fn claim_due_operations(
        &self,
        now: DateTime<Utc>,
        of: Option<PaymentRef>,
        limit: i64,
    ) -> Result<Vec<StoredOperation>, StoreError>;

    /// An operation that is due does not come due before `until`.
    async fn postpone_operation(
        &self,
        operation: OperationId,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Takes up to `limit` payments whose `release_at` has come, and moves it on for the case that
    /// this instance does not get it done.
    async fn claim_due_releases(
        &self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<PaymentRef>, StoreError>;

    /// The orders that this payment pays for.
    async fn find_paid_orders(&self, payment: PaymentRef) -> Result<Vec<PaidOrder>, StoreError>;

    /// Newest first.
    async fn list_payments(
        &self,
        client: &ClientCode,
        filter: &PaymentFilter,
    ) -> Result<Vec<Payment>, StoreError>;

    async fn find_agreement(&self, id: AgreementId) -> Result<Option<Agreement>, StoreError>;

    /// What the agreement is charged with at the provider; none before it is active.
    async fn find_agreement_token(
        &self,
        id: AgreementId,
    ) -> Result<Option<SecretString>, StoreError>;

    /// Whether money is reserved under the agreement that somebody counts on.
    async fn has_claimed_reservation(&self, id: AgreementId) -> Result<bool, StoreError>;

    /// Whether a charge of the agreement was called and nobody knows its outcome.
    async fn has_open_charge(&self, id: AgreementId) -> Result<bool, StoreError>;

    /// Every operation of this payment, newest first.
    async fn find_operations(
        &self,
        reference: PaymentRef,
    ) -> Result<Vec<StoredOperation>, StoreError>;

    /// Forgets keys claimed before `before` and worked-off hints; answers how many rows went.
    async fn forget_before(&self, before: DateTime<Utc>) -> Result<usize, StoreError>;
}
