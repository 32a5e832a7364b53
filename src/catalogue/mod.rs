//! Coupons: priced offers of a client, and the VAT in their prices. What must never live here: anything about payments.

pub mod coupon;
pub mod price;
pub mod vat;

pub use coupon::{Coupon, CouponRef};
