//! Nexi Checkout, embedded and hosted: the adapter and a stateful sandbox of the
//! provider.
//!
//! What lives here: everything that knows the provider's JSON, headers, statuses and pages.
//! What must never: a rule about when money may move; that is the service's. The sandbox speaks
//! the provider's own API over real HTTP, so the adapter cannot tell it from the real thing: only
//! `base_url` differs.

mod capabilities;
mod client;
mod config;
mod link;
mod map;
mod notification;
mod problem;
mod provider;
mod sandbox;
mod wire;

pub use provider::Nexi;
pub use sandbox::{Sandbox, SandboxAccount, SandboxOptions};
