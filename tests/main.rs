//! The table of contents of the tests: one binary, one module per subject.

// A test that cannot go on fails: that is what these are for.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod commands;
mod crash;
mod events;
mod first_light;
mod money_properties;
mod support;
mod tidy;
mod timer;
mod unknown_outcomes;
