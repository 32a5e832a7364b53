//! Between the port's words and the provider's. Pure: no I/O, no clock, no randomness, so that
//! every translation is tested with a body of JSON and nothing else.

pub mod agreement;
pub mod amounts;
pub mod charge;
pub mod draft;
pub mod history;
pub mod payment;
pub mod reference;
pub mod text;

#[cfg(test)]
mod fixtures_test;
#[cfg(test)]
mod meanings;
#[cfg(test)]
pub mod samples;
