//! What every part of the domain needs from outside: the time, identifiers, and a way to say that a
//! store failed. What only one part needs stands in the `ports` of that part.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Why the store could not do it. Never shown to callers; a rule of the database that was broken
/// is its own variant, so that a use-case can answer for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No connection in time, or it broke. Nothing was committed that was not reported.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// A named constraint refused the change.
    #[error("the constraint {0} refused the change")]
    Constraint(&'static str),
    /// Anything else; a bug or a broken database.
    #[error("{0}")]
    Broken(String),
}

/// The time. Injected, so that tests can move it.
pub trait Clock: Send + Sync {
    /// Now, cut to microseconds: all that every database keeps.
    fn now(&self) -> DateTime<Utc>;
}

/// Everything that must be unique or unguessable.
pub trait Ids: Send + Sync {
    /// A version 7 UUID.
    fn uuid(&self) -> Uuid;
    /// 128 random bits as 32 lower-case hexadecimal digits.
    fn key(&self) -> String;
    /// A random number of exactly 12 digits.
    fn number(&self) -> u64;
}
