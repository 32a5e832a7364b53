//! The sandbox over real HTTP: what it accepts, what it refuses, and what it does then.

#[path = "sandbox/api.rs"]
mod api;
#[path = "sandbox/world.rs"]
mod world;
