//! mcpay.

pub mod catalogue;
pub mod clients;
pub mod events;
pub mod jobs;
pub mod payments;
pub mod telemetry;
