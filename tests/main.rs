//! The table of contents of the tests: one binary, one module per subject.

mod browser;
mod first_light;
mod support;
mod tidy;
