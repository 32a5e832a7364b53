//! A coupon: `productSpecCode` + `productSpecNo`, with its price (CONTRACT 7.1).

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
}

/// A coupon as a token names it: `productSpecCode` and `productSpecNo`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CouponRef {
    pub code: String,
    pub number: i64,
}
