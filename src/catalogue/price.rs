//! What a coupon costs, with the VAT in it.

use mcpay_port::{Money, MoneyError};

use super::Coupon;
use super::vat::included_vat;

/// A price and the part of it that is VAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub amount: Money,
    pub vat: Money,
}

/// The price of each period.
///
/// # Errors
/// [`MoneyError`] when its VAT cannot be computed.
pub fn price_of(coupon: &Coupon) -> Result<Price, MoneyError> {
    Ok(Price {
        amount: coupon.price,
        vat: included_vat(coupon.price, coupon.vat_percent)?,
    })
}
