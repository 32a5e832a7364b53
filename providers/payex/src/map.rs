//! Between the port's words and PayEx's. Pure: no I/O, no clock, no randomness, so that every
//! translation is tested with a body of JSON and nothing else.

pub mod amounts;
pub mod charge;
pub mod create;
pub mod language;
pub mod reference;
pub mod snapshot;
pub mod started;
pub mod text;

#[cfg(test)]
mod fixtures_test;
#[cfg(test)]
mod samples;
