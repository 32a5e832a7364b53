//! The sandbox over real HTTP: what it accepts, what it refuses, and what it does then.

// The helpers of these tests fail a test by unwrapping, as the tests themselves do.
#![allow(clippy::unwrap_used)]

#[path = "sandbox/api.rs"]
mod api;
#[path = "sandbox/callbacks.rs"]
mod callbacks;
#[path = "sandbox/charges.rs"]
mod charges;
#[path = "sandbox/controls.rs"]
mod controls;
#[path = "sandbox/pages.rs"]
mod pages;
#[path = "sandbox/refusals.rs"]
mod refusals;
#[path = "sandbox/seamless.rs"]
mod seamless;
#[path = "sandbox/world.rs"]
mod world;
