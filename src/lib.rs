//! mcpay.

pub mod catalogue;
pub mod clients;
pub mod events;
pub mod payments;
pub mod store;
