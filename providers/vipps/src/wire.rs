//! The provider's JSON. Exact in what is sent, since unknown fields are refused there; lenient in
//! what is read, since new fields keep coming.
//!
//! No meaning is given to anything here; `map` does that. What holds a secret or a person is never
//! `Debug` in clear.

pub mod answer;
pub mod request;
