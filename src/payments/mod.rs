//! The domain of payments: rules and use-cases, one verb a file.
//!
//! Glossary. A *payment* is the intent to move money once; an *operation* is one attempt on it
//! (initiate, close, cancel, …); an *agreement* is a standing permission to charge; a *snapshot* is
//! what the provider says at one moment; a *hint* is anything that makes us ask.
//! What must never live here: SQL, HTTP, a provider's name or JSON. Effects go through `ports`.

pub mod agreement;
pub mod backoff;
mod close;
mod flights;
mod forget;
pub mod initiate;
mod inquire;
mod intent;
mod keys;
pub mod notify;
pub mod operation;
pub mod payment;
pub mod ports;
pub mod reconcile;
pub mod service;
pub mod state;
mod tell;
pub mod terms;

pub use service::{Parts, Payments, Providers, Trouble};
