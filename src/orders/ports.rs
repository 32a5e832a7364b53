//! What the domain of orders needs from its store, and from whoever calls merchants back.
//!
//! Every method of the store is one transaction.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mcpay_port::PaymentRef;
use secrecy::SecretSlice;

use super::order::{Bundle, Order, OrderId, OrderSet, OrderStatus, SetId};
use crate::clients::ClientCode;
use crate::events::Event;
use crate::payments::ports::{Begun, Change, Intent, Saved};
use crate::ports::StoreError;

/// A new order with everything that must stand or fall with it.
#[derive(Clone, Debug)]
pub struct Registration {
    pub order: Order,
    /// As it was sent: names and addresses. The store seals it.
    pub body: SecretSlice<u8>,
    /// The set that the order stands in from the beginning, where it names its payment.
    pub set: Option<OrderSet>,
    /// The claim on that payment.
    pub claim: Option<Change>,
    pub events: Vec<Event>,
}

/// A change of orders with everything that must stand or fall with it.
#[derive(Clone, Debug)]
pub struct OrderChange {
    /// As it shall be; written only over an open one.
    pub set: Option<OrderSet>,
    /// As they shall be. Each `version` is the one it was made from; the store adds one.
    pub orders: Vec<Order>,
    /// The payment whose claim is free again.
    pub payment: Option<Change>,
    /// The address to be called once the order has ended; an earlier one stays.
    pub call_back: Option<(OrderId, String)>,
    pub events: Vec<Event>,
    /// The calls about orders that have ended are due from now on.
    pub at: DateTime<Utc>,
}

/// A call to a merchant that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCall {
    pub order: OrderId,
    pub status: OrderStatus,
    pub url: String,
    /// How often it was made before.
    pub tries: i32,
}

#[async_trait]
pub trait OrderStore: Send + Sync {
    /// # Errors
    /// [`StoreError::Constraint`] with `orders_pkey` when the id is taken,
    /// `orders_external_order_id_unique` when the client's own id is, and
    /// `order_sets_payment_unique` when another order stands for the payment.
    async fn register(&self, registration: &Registration) -> Result<Saved, StoreError>;

    async fn find_registered(
        &self,
        client: &ClientCode,
        external_id: &str,
    ) -> Result<Option<Order>, StoreError>;

    /// Those that exist, by their ids.
    async fn find_orders(&self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError>;

    /// The body as it was registered.
    async fn find_body(&self, order: OrderId) -> Result<Option<SecretSlice<u8>>, StoreError>;

    async fn find_bundle(&self, set: SetId) -> Result<Option<Bundle>, StoreError>;

    /// The set that this payment pays for, else the last one that it was to pay for.
    async fn find_set_of(&self, payment: PaymentRef) -> Result<Option<SetId>, StoreError>;

    /// Stores the intent of a payment together with the set it pays for. `ReferenceUsed` also when
    /// one of the orders has another version than the one given: somebody was faster.
    async fn begin_set(
        &self,
        intent: &Intent,
        set: &OrderSet,
        orders: &[Order],
    ) -> Result<Begun, StoreError>;

    async fn save_orders(&self, change: &OrderChange) -> Result<Saved, StoreError>;

    /// Where the browser of an open set goes in the end.
    async fn save_return_url(&self, set: SetId, url: &str) -> Result<(), StoreError>;

    /// Open sets whose payment has changed since they were last looked at.
    async fn find_sets_to_follow(&self, limit: i64) -> Result<Vec<SetId>, StoreError>;

    /// Takes up to `limit` calls that are due, counts the try and moves each on to its next one, so
    /// that no other instance takes them and a crashed one loses nothing.
    async fn claim_due_calls(
        &self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<DueCall>, StoreError>;

    async fn finish_call(&self, order: OrderId, at: DateTime<Utc>) -> Result<(), StoreError>;
}

/// Calls an address with GET, follows nothing, and waits 5 s at most.
#[async_trait]
pub trait Caller: Send + Sync {
    /// Whether the answer was a 2xx.
    async fn call(&self, url: &url::Url) -> bool;
}
