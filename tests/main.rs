//! The table of contents of the tests: one binary, one module per subject.

// A test that cannot go on has failed; a specification in one macro block is as long as its subject;
// a sentence reads best when its words are given as they are and all belong to the world.
#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    clippy::unused_self,
    clippy::unwrap_used
)]

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
