//! An order and its set as rows. The body is sealed.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use mcpay_port::Money;
use secrecy::{ExposeSecret as _, SecretSlice};
use uuid::Uuid;

use super::{currency, minor_of, parsed, stored, told, unreadable};
use crate::catalogue::CouponRef;
use crate::clients::ClientCode;
use crate::orders::method::OrderMethod;
use crate::orders::order::{Order, OrderId, OrderSet, OrderStatus, SetId, SetStatus};
use crate::store::failure::Failure;
use crate::store::schema::{order_sets, orders};
use crate::store::sealing::{MasterKey, Place};

/// Everything but the body.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = orders, treat_none_as_default_value = false)]
pub struct OrderRow {
    pub order_id: i64,
    pub client_code: String,
    pub external_order_id: Option<String>,
    pub body_hash: Vec<u8>,
    pub payment_method: String,
    pub currency: String,
    pub amount_minor: i64,
    pub vat_minor: i64,
    pub coupon_code: Option<String>,
    pub coupon_number: Option<i64>,
    pub recurring: bool,
    pub prepaid: bool,
    pub registered_at: NaiveDateTime,
    #[diesel(embed)]
    pub standing: OrderStanding,
}

/// Everything that may change later.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = orders, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct OrderStanding {
    pub set_id: Option<String>,
    pub status: String,
    pub version: i64,
    pub event_sequence: i64,
    pub ended_at: Option<NaiveDateTime>,
}

/// A new order with its body.
#[derive(Insertable)]
#[diesel(table_name = orders, treat_none_as_default_value = false)]
pub struct NewOrderRow {
    #[diesel(embed)]
    pub order: OrderRow,
    pub body: Vec<u8>,
    pub refund_reserved_minor: i64,
}

impl NewOrderRow {
    pub fn of(
        order: &Order,
        body: &SecretSlice<u8>,
        master_key: &MasterKey,
    ) -> Result<Self, Failure> {
        Ok(Self {
            order: OrderRow::of(order)?,
            body: master_key.seal(&body_place(order.id), body.expose_secret())?,
            refund_reserved_minor: 0,
        })
    }
}

/// The body in the clear.
pub fn open_body(
    order: OrderId,
    sealed: &[u8],
    master_key: &MasterKey,
) -> Result<SecretSlice<u8>, Failure> {
    let mut body = master_key.open(&body_place(order), sealed)?;
    Ok(std::mem::take(&mut *body).into())
}

fn body_place(order: OrderId) -> Place {
    Place::new("orders", "body", &[&order.to_string()])
}

impl OrderRow {
    fn of(order: &Order) -> Result<Self, Failure> {
        let currency = order.amount.currency();
        Ok(Self {
            order_id: order.id.get(),
            client_code: order.client.as_str().to_owned(),
            external_order_id: order.external_id.clone(),
            body_hash: order.body_hash.to_vec(),
            payment_method: order.method.as_str().to_owned(),
            currency: currency.code().to_owned(),
            amount_minor: order.amount.minor(),
            vat_minor: minor_of(order.vat, currency)?,
            coupon_code: order.coupon.as_ref().map(|coupon| coupon.code.clone()),
            coupon_number: order.coupon.as_ref().map(|coupon| coupon.number),
            recurring: order.recurring,
            prepaid: order.prepaid,
            registered_at: stored(order.registered_at),
            standing: OrderStanding::of(order, order.version),
        })
    }

    pub fn read(self) -> Result<Order, Failure> {
        let currency = currency(&self.currency, "orders.currency")?;
        let standing = self.standing;
        let hash: Result<[u8; 32], _> = self.body_hash.try_into();
        let set = standing.set_id.map(|id| set_id(&id)).transpose()?;
        Ok(Order {
            id: OrderId::new(self.order_id).ok_or_else(|| unreadable("orders.order_id"))?,
            client: ClientCode(self.client_code),
            external_id: self.external_order_id,
            body_hash: hash.map_err(|_| unreadable("orders.body_hash"))?,
            method: OrderMethod::from_name(&self.payment_method)
                .ok_or_else(|| unreadable("orders.payment_method"))?,
            amount: Money::new(self.amount_minor, currency),
            vat: Money::new(self.vat_minor, currency),
            coupon: self
                .coupon_code
                .zip(self.coupon_number)
                .map(|(code, number)| CouponRef { code, number }),
            recurring: self.recurring,
            prepaid: self.prepaid,
            set,
            status: OrderStatus::from_name(&standing.status)
                .ok_or_else(|| unreadable("orders.status"))?,
            version: standing.version,
            event_sequence: standing.event_sequence,
            registered_at: told(self.registered_at),
            ended_at: standing.ended_at.map(told),
        })
    }
}

impl OrderStanding {
    pub fn of(order: &Order, version: i64) -> Self {
        Self {
            set_id: order.set.map(|set| set.to_string()),
            status: order.status.as_str().to_owned(),
            version,
            event_sequence: order.event_sequence,
            ended_at: order.ended_at.map(stored),
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = order_sets, treat_none_as_default_value = false)]
pub struct SetRow {
    pub id: String,
    pub client_code: String,
    pub mcpay_ref: Option<String>,
    pub status: String,
    pub return_url: Option<String>,
    pub seen_version: i64,
    pub created_at: NaiveDateTime,
}

impl SetRow {
    pub fn of(set: &OrderSet) -> Self {
        Self {
            id: set.id.to_string(),
            client_code: set.client.as_str().to_owned(),
            mcpay_ref: Some(set.payment.to_string()),
            status: set.status.as_str().to_owned(),
            return_url: set.return_url.clone(),
            seen_version: set.seen_version,
            created_at: stored(set.created_at),
        }
    }

    pub fn read(self) -> Result<OrderSet, Failure> {
        let payment = self.mcpay_ref.unwrap_or_default();
        Ok(OrderSet {
            id: set_id(&self.id)?,
            client: ClientCode(self.client_code),
            payment: parsed(&payment, "order_sets.mcpay_ref")?,
            status: SetStatus::from_name(&self.status)
                .ok_or_else(|| unreadable("order_sets.status"))?,
            return_url: self.return_url,
            seen_version: self.seen_version,
            created_at: told(self.created_at),
        })
    }
}

pub fn set_id(text: &str) -> Result<SetId, Failure> {
    Ok(SetId(parsed::<Uuid>(text, "order_sets.id")?))
}
