//! The pages as a payer meets them: a real Chromium, the demo shop under its strict policy, and the
//! provider's pages. Each test starts its own browser with an empty profile.

// What a scenario stands on fails it where it breaks.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod another_origin;
mod desk;
mod driver;
mod merchant;
mod nexi;
mod page;
mod redirect;
mod refusals;
mod resume;
mod seamless;
mod vipps;
mod waiting;
