//! The domain of orders: what merchants' backends register, and how it is completed (CONTRACT 5,
//! 8.5, 8.6).
//!
//! Glossary. An *order* is what somebody bought; a *set* is the orders that one payment pays for;
//! to *claim* a payment is to stand for it, so that no other order can; to *fulfil* is to complete.
//! Orders know payments, and payments never know orders. What must never live here: SQL, HTTP, a
//! provider's name, or a personal datum anywhere but in the body that the store seals.

pub mod body;
pub mod call_back;
pub mod come_back;
pub mod complete;
pub mod enter;
pub mod follow;
pub mod look_up;
pub mod method;
pub mod order;
pub mod ports;
pub mod register;
pub mod service;
mod start;
pub mod state;
#[cfg(test)]
mod state_tests;
mod tell;

pub use service::Orders;
