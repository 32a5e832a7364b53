//! An order and the set it is paid in.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use mcpay_port::{Money, PaymentRef};
use uuid::Uuid;

use super::method::OrderMethod;
use crate::catalogue::CouponRef;
use crate::clients::ClientCode;
use crate::payments::named;

/// A random integer below 2^53, so that every JSON reader keeps it exactly (CONTRACT 8.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(i64);

/// Integers from here on are not exact in every JSON reader.
const END: i64 = 1 << 53;

impl OrderId {
    /// `None` for what no order can have.
    pub const fn new(id: i64) -> Option<Self> {
        if id > 0 && id < END {
            Some(Self(id))
        } else {
            None
        }
    }

    pub const fn get(self) -> i64 {
        self.0
    }

    /// Out of at least 14 random hexadecimal digits; `None` for the one value that is not usable.
    pub fn from_random(digits: &str) -> Option<Self> {
        let random = i64::from_str_radix(digits.get(..14)?, 16).ok()?;
        Self::new(random % END)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OrderId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let id = text.parse().ok().filter(|_| is_plain);
        id.and_then(Self::new).ok_or(())
    }
}

/// One order. `version` counts every stored change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub client: ClientCode,
    /// The client's own id, unique for the client.
    pub external_id: Option<String>,
    /// SHA-256 of the registered body's bytes.
    pub body_hash: [u8; 32],
    pub method: OrderMethod,
    pub amount: Money,
    /// The part of `amount` that is VAT.
    pub vat: Money,
    pub coupon: Option<CouponRef>,
    pub recurring: bool,
    /// The merchant says that it was paid elsewhere, or a payment of ours was named.
    pub prepaid: bool,
    /// The set it stands in; in one at most.
    pub set: Option<SetId>,
    pub status: OrderStatus,
    pub version: i64,
    /// How many events this order has told.
    pub event_sequence: i64,
    pub registered_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

named! {
    /// How an order stands (CONTRACT 8.5).
    OrderStatus {
        /// Registered; not complete yet.
        Preliminary => "preliminary",
        Fulfilled => "fulfilled",
        /// Its payment was refused for good.
        Failed => "failed",
        /// Its payment was released after the order had claimed it.
        Cancelled => "cancelled",
    }
}

/// Names a set of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SetId(pub Uuid);

impl fmt::Display for SetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Orders that are paid together, by one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderSet {
    pub id: SetId,
    pub client: ClientCode,
    pub payment: PaymentRef,
    pub status: SetStatus,
    /// Where the browser of a fulfilment goes in the end; absent where a backend named the payment.
    pub return_url: Option<String>,
    /// The version of the payment that the orders were last brought in line with.
    pub seen_version: i64,
    pub created_at: DateTime<Utc>,
}

named! {
    /// How a set stands.
    SetStatus {
        /// Its payment is on its way.
        Open => "open",
        /// Paid.
        Settled => "settled",
        /// Its payment came to nothing; the orders and the payment are free.
        Dissolved => "dissolved",
    }
}

/// A set with its orders, by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    pub set: OrderSet,
    pub orders: Vec<Order>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_is_positive_and_below_two_to_the_fifty_three() {
        let good = ["1", "9007199254740991"];
        let bad = ["0", "-1", "+1", "9007199254740992", "", "1.0", " 1", "१"];
        assert!(good.iter().all(|text| text.parse::<OrderId>().is_ok()));
        assert!(bad.iter().all(|text| text.parse::<OrderId>().is_err()));
    }

    #[test]
    fn random_digits_become_an_order_id_except_for_zero() {
        assert_eq!(OrderId::from_random("00000000000000"), None);
        let largest = OrderId::from_random("ffffffffffffffff").unwrap();
        assert_eq!(largest.get(), END - 1);
    }
}
