//! Events: what back-office consumers are told, and how it reaches them.
//!
//! An event is written in the transaction of the change it tells (`payments::ports::Change`), and
//! published later by the relay. What must never live here: a decision about money, or any personal
//! datum: an event holds amounts, references and states, nothing else.

pub mod cloud_event;
pub mod event;
pub mod lease;
#[cfg(test)]
mod memory_store;
pub mod ports;
pub mod relay;
pub mod sequence;
pub mod wakeup;

pub use event::{Event, EventType};
pub use wakeup::Wakeup;
