//! The domain of payments: rules and use-cases, one verb a file.
//!
//! Glossary. A *payment* is the intent to move money once; an *operation* is one attempt on it
//! (initiate, close, cancel, …); an *agreement* is a standing permission to charge; a *snapshot* is
//! what the provider says at one moment; a *hint* is anything that makes us ask.
//! What must never live here: SQL, HTTP, a provider's name or JSON. Effects go through `ports`.

/// An enum whose variants have names: in the database, in events, in answers.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident {
        $($(#[$variant_doc:meta])* $variant:ident => $name:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type { $($(#[$variant_doc])* $variant),+ }

        impl $type {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Reads the name back, e.g. from the database.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub(crate) use named;

pub mod agreement;
mod answer;
pub mod asked;
pub mod automatic;
pub mod backoff;
mod budget;
mod cancel;
mod capture;
mod carry;
mod charge;
mod charge_intent;
mod charge_outcome;
mod charge_terms;
mod close;
mod end_agreement;
mod end_refunds;
mod failures;
mod flights;
mod forget;
mod initiate;
mod inquire;
pub mod intent;
mod keys;
pub mod ledger;
mod looks;
pub mod notify;
mod operate;
pub mod operation;
mod outcome;
mod pauses;
pub mod payment;
pub mod ports;
pub mod profile;
pub mod providers;
mod pursue;
mod read;
pub mod reconcile;
mod refund;
pub mod register;
pub mod registration;
mod release;
pub mod room;
pub mod service;
pub mod start;
pub mod state;
mod stop;
mod tell;
pub mod terms;
mod who_paid;

pub use automatic::automatic_capture;
pub use providers::Providers;
pub use service::{Parts, Payments, Trouble};
