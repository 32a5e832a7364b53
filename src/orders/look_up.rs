//! Look up: how an order of a client stands.

use mcpay_port::PaymentRef;
use secrecy::ExposeSecret as _;

use super::body::{Details, read_details};
use super::order::{Order, OrderId};
use super::service::{OrderTrouble, Orders};
use crate::clients::ClientCode;

/// An order with what its backend may ask of it.
#[derive(Clone, Debug)]
pub struct OrderView {
    pub order: Order,
    pub payment: Option<PaymentRef>,
    pub details: Details,
}

impl Orders {
    /// The order as stored.
    ///
    /// # Errors
    /// [`OrderTrouble::NotFound`] also for another client's order.
    pub async fn look_up(
        &self,
        client: &ClientCode,
        id: OrderId,
    ) -> Result<OrderView, OrderTrouble> {
        let order = self.get_order(client, id).await?;
        let payment = match order.set {
            Some(set) => Some(self.get_bundle(set).await?.set.payment),
            None => None,
        };
        let body = self.store.find_body(id).await?;
        let details = body
            .map(|body| read_details(body.expose_secret(), order.amount.currency()))
            .unwrap_or_default();
        Ok(OrderView {
            order,
            payment,
            details,
        })
    }

    pub(super) async fn get_order(
        &self,
        client: &ClientCode,
        id: OrderId,
    ) -> Result<Order, OrderTrouble> {
        let found = self.store.find_orders(&[id]).await?;
        let own = found.into_iter().find(|order| order.client == *client);
        own.ok_or(OrderTrouble::NotFound)
    }
}
