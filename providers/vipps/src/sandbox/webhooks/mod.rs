//! Webhooks v1: registering addresses, and what is sent to them.

pub(crate) mod payload;
pub(crate) mod registration;
pub(crate) mod sequences;
mod sign;

pub(crate) use registration::configure;
