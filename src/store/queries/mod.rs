//! Every query, by subject. This folder is compiled twice, once for each database
//! (`store::pg`, `store::lite`), and names nothing that only one of them has; where they differ,
//! `lock_row!`, `skip_locked!` and `start` come from the module that compiles it.
//!
//! Each `pub` function outside of `…_in` is one unit of work on one connection.

pub mod access;
pub mod agreements;
pub mod begin;
pub mod clients;
pub mod events;
pub mod hints;
pub mod idempotency;
pub mod leases;
pub mod lists;
pub mod operations;
pub mod order_calls;
pub mod order_changes;
pub mod order_sets;
pub mod orders;
pub mod payments;
pub mod profiles;
pub mod registrations;
pub mod releases;
pub mod save;
pub mod schema;

use super::{Conn, start};
use crate::store::failure::Failure;
use crate::store::transaction::{End, finish};
