//! What the sandbox does, over real HTTP.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

#[path = "sandbox/agreements.rs"]
mod agreements;
#[path = "sandbox/controls.rs"]
mod controls;
#[path = "sandbox/create.rs"]
mod create;
#[path = "transport/digest.rs"]
mod digest;
#[path = "sandbox/embedded.rs"]
mod embedded;
#[path = "sandbox/hosted.rs"]
mod hosted;
#[path = "sandbox/money.rs"]
mod money;
#[path = "sandbox/proof.rs"]
mod proof;
#[path = "sandbox/refusals.rs"]
mod refusals;
#[path = "sandbox/webhooks.rs"]
mod webhooks;
#[path = "sandbox/world.rs"]
mod world;
