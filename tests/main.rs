//! The table of contents of the tests: one binary, one module per subject.

#![allow(
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::unused_self,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and a specification reads best in one piece"
)]

mod access;
mod after_payment;
mod backend;
mod bad_input;
mod browser;
mod callbacks;
mod cdn_and_docs;
mod commands;
mod coupons;
mod crash;
mod doctor;
mod event_api;
mod event_stream;
mod events;
mod first_light;
mod fulfilment;
mod money_properties;
mod nexi;
mod orders;
mod payment_init;
mod rate_limits;
mod secrets;
mod status_and_return;
mod story;
mod support;
mod tidy;
mod timer;
mod unknown_outcomes;
mod vipps;
