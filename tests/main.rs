//! The table of contents of the tests: one binary, one module per subject.

mod bad_input;
mod callbacks;
mod cdn_and_docs;
mod first_light;
mod payment_init;
mod rate_limits;
mod secrets;
mod status_and_return;
mod support;
mod tidy;
