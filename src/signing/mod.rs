//! Verification of the token (`sign`) that a client sends with `paymentInit` (CONTRACT 4.1).
//!
//! What lives here: the prepared keys of one client, and the question whether a token was signed
//! with one of them and is valid now. What must never: the meaning of a claim (that is
//! `payments::terms`), a clock of its own, or an algorithm taken from the token: who may choose the
//! algorithm can turn a public key into a shared secret.

mod claims;
mod decimal;
mod header;
mod invalid_sign;
mod key;
mod keyring;
mod lifetime;

pub use claims::Claims;
pub use decimal::{DecimalProblem, read_decimal};
pub use invalid_sign::InvalidSign;
pub use key::{SigningAlgorithm, SigningKeyConfig};
pub use keyring::{KeyProblem, Keyring};

#[cfg(test)]
mod tests;
