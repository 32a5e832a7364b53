//! A small simulator over real HTTP: what every simulator gets from the stage that it plays on.

// The helpers of these tests fail a test by unwrapping, as the tests themselves do.
#![allow(clippy::unwrap_used)]

#[path = "sandbox/clock.rs"]
mod clock;
#[path = "sandbox/controls.rs"]
mod controls;
#[path = "sandbox/notifications.rs"]
mod notifications;
#[path = "sandbox/shop.rs"]
mod shop;
#[path = "sandbox/world.rs"]
mod world;
