//! Nexi's JSON. Exact in what is sent, lenient in what is read: Nexi leaves out amounts that are
//! zero, sends `{}` for what is not there, and mixes several generations of every body.
//!
//! No meaning is given to anything here; `map` does that. What holds a key or a person is never
//! `Debug` in clear.

pub mod answer;
pub mod request;
