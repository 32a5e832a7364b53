//! Coupons: priced offers of a client. What must never live here: anything about payments.

pub mod coupon;

pub use coupon::{Coupon, CouponRef};
