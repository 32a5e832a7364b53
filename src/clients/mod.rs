//! Clients: the web sites that sell, with their keys, origins, accounts and coupons.
//!
//! What must never live here: SQL, HTTP, or the settings of one provider (they pass through as
//! JSON that only the adapter reads).

pub mod apply_file;
pub mod callback_key;
pub mod client;
pub mod oauth_secret;
pub mod origin;
pub mod ports;
pub mod profile;
pub mod registry;

pub use client::{
    AccountConfig, CapturePolicy, Client, ClientCode, RateLimit, StoredAccount, StoredClient,
};
pub use profile::ClientProfile;
pub use registry::Registry;
