//! PayEx's JSON, v3.1. Exact in what is sent, lenient in what is read: PayEx asks clients to ignore
//! what they do not know, spells the root key two ways and leaves out amounts that are zero.
//!
//! No meaning is given to anything here; `map` does that. What holds a token or a person is never
//! `Debug` in clear.

pub mod answer;
pub mod request;
