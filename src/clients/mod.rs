//! Clients: the web sites that sell, with their keys, origins, accounts and coupons.
//!
//! What must never live here: SQL, HTTP, or the settings of one provider (they pass through as
//! JSON that only the adapter reads).

pub mod client;
pub mod ports;

pub use client::{
    AccountConfig, CapturePolicy, Client, ClientCode, RateLimit, SigningAlgorithm,
    SigningKeyConfig, StoredAccount, StoredClient,
};
