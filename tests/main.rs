//! The table of contents of the tests: one binary, one module per subject.

mod first_light;
mod payment_init;
mod support;
mod tidy;
