//! The sandbox over real HTTP: what it accepts, what it refuses, and what it does then.

// The helpers of these tests fail a test by unwrapping, as the tests themselves do.
#![allow(clippy::unwrap_used)]

#[path = "sandbox/access.rs"]
mod access;
#[path = "sandbox/agreements.rs"]
mod agreements;
#[path = "sandbox/charges.rs"]
mod charges;
#[path = "sandbox/contract.rs"]
mod contract;
#[path = "sandbox/controls.rs"]
mod controls;
#[path = "sandbox/pages.rs"]
mod pages;
#[path = "sandbox/payments.rs"]
mod payments;
#[path = "sandbox/refusals.rs"]
mod refusals;
mod specifications;
#[path = "sandbox/webhooks.rs"]
mod webhooks;
#[path = "sandbox/world.rs"]
mod world;
