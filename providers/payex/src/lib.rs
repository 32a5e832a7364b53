//! PayEx (Swedbank Pay) payment orders v3.1: the adapter and a stateful sandbox of the provider.
//!
//! What lives here: everything that knows PayEx's JSON, headers, statuses and pages.
//! What must never: a rule about when money may move; that is the service's. The sandbox speaks
//! PayEx's own API over real HTTP, so the adapter cannot tell it from the real thing: only
//! `base_url` differs.

#![allow(clippy::doc_markdown, reason = "PayEx is a name, not code")]

mod capabilities;
mod client;
mod config;
mod link;
mod map;
mod notification;
mod problem;
mod provider;
pub mod sandbox;
mod wire;

pub use provider::Payex;
pub use sandbox::{Sandbox, SandboxOptions};
