//! The table of contents of the tests: one binary, one module per subject.

mod commands;
mod crash;
mod events;
mod first_light;
mod money_properties;
mod support;
mod tidy;
mod timer;
mod unknown_outcomes;
