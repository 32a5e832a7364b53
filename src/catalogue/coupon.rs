//! A coupon: `productSpecCode` + `productSpecNo`, with its price (CONTRACT 7.1).

use chrono::{DateTime, Utc};
use mcpay_port::{Money, Period};
use rust_decimal::Decimal;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupon {
    pub code: String,
    pub number: i64,
    pub product: String,
    pub description: String,
    pub price: Money,
    /// The first charge of an agreement; same currency as `price`. Zero only registers.
    pub start_price: Option<Money>,
    /// E.g. 25.
    pub vat_percent: Decimal,
    pub period: Option<Period>,
    /// Sold from then on.
    pub valid_from: Option<DateTime<Utc>>,
    /// Not sold any more from then on.
    pub valid_until: Option<DateTime<Utc>>,
}

impl Coupon {
    /// Whether it may be listed, priced and begun with.
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.valid_from.is_none_or(|from| from <= now)
            && self.valid_until.is_none_or(|until| now < until)
    }
}

/// A coupon as a token names it: `productSpecCode` and `productSpecNo`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CouponRef {
    pub code: String,
    pub number: i64,
}
