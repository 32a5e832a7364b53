//! The adapter on a network that misbehaves: a server that answers exactly what each test says.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

#[path = "transport/calls.rs"]
mod calls;
#[path = "transport/faults.rs"]
mod faults;
#[path = "transport/limits.rs"]
mod limits;
#[path = "transport/record.rs"]
mod record;
#[path = "transport/recurring.rs"]
mod recurring;
#[path = "transport/search.rs"]
mod search;
mod stage;
#[path = "transport/tokens.rs"]
mod tokens;
