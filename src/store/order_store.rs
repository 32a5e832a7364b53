//! The store as the domain of orders sees it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mcpay_port::PaymentRef;
use secrecy::SecretSlice;

use super::{Store, unit};
use crate::clients::ClientCode;
use crate::orders::order::{Bundle, Order, OrderId, OrderSet, SetId};
use crate::orders::ports::{DueCall, OrderChange, OrderStore, Registration};
use crate::payments::ports::{Begun, Intent, Saved};
use crate::ports::StoreError;

#[async_trait]
impl OrderStore for Store {
    async fn register(&self, registration: &Registration) -> Result<Saved, StoreError> {
        let registration = registration.clone();
        unit!(self, writer, wrote_nothing, |key| order_sets::register(
            &registration,
            key
        ))
    }

    async fn find_registered(
        &self,
        client: &ClientCode,
        external_id: &str,
    ) -> Result<Option<Order>, StoreError> {
        let (client, external_id) = (client.clone(), external_id.to_owned());
        unit!(
            self,
            reader,
            lost_connection,
            order_sets::find_registered(&client, &external_id)
        )
    }

    async fn find_orders(&self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError> {
        let ids = ids.to_vec();
        unit!(self, reader, lost_connection, order_sets::find_orders(&ids))
    }

    async fn find_body(&self, order: OrderId) -> Result<Option<SecretSlice<u8>>, StoreError> {
        unit!(self, reader, lost_connection, |key| order_sets::find_body(
            order, key
        ))
    }

    async fn find_bundle(&self, set: SetId) -> Result<Option<Bundle>, StoreError> {
        unit!(self, reader, lost_connection, order_sets::find_bundle(set))
    }

    async fn find_set_of(&self, payment: PaymentRef) -> Result<Option<SetId>, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            order_sets::find_set_of(payment)
        )
    }

    async fn begin_set(
        &self,
        intent: &Intent,
        set: &OrderSet,
        orders: &[Order],
    ) -> Result<Begun, StoreError> {
        let (intent, set, members) = (intent.clone(), set.clone(), orders.to_vec());
        unit!(
            self,
            writer,
            wrote_nothing,
            order_sets::begin_set(&intent, &set, &members)
        )
    }

    async fn save_orders(&self, change: &OrderChange) -> Result<Saved, StoreError> {
        let change = change.clone();
        unit!(self, writer, wrote_nothing, |key| order_changes::save(
            &change, key
        ))
    }

    async fn save_return_url(&self, set: SetId, url: &str) -> Result<(), StoreError> {
        let url = url.to_owned();
        unit!(
            self,
            writer,
            lost_connection,
            order_sets::save_return_url(set, &url)
        )
    }

    async fn find_sets_to_follow(&self, limit: i64) -> Result<Vec<SetId>, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            order_sets::find_sets_to_follow(limit)
        )
    }

    async fn claim_due_calls(
        &self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<DueCall>, StoreError> {
        unit!(
            self,
            writer,
            wrote_nothing,
            order_calls::claim_due_calls(now, limit)
        )
    }

    async fn finish_call(&self, order: OrderId, at: DateTime<Utc>) -> Result<(), StoreError> {
        unit!(
            self,
            writer,
            lost_connection,
            order_calls::finish_call(order, at)
        )
    }
}
