//! Between the port's words and Nexi's. Pure: no I/O, no clock, no randomness, so that every
//! translation is tested with a body of JSON and nothing else.

pub mod agreement;
pub mod charge;
pub mod country;
pub mod create;
pub mod item;
pub mod language;
pub mod notifications;
pub mod phone;
pub mod refund;
pub mod release;
pub mod snapshot;
pub mod started;
pub mod text;

#[cfg(test)]
mod fixtures_test;
#[cfg(test)]
pub mod samples;
