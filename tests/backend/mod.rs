//! Payment management by a merchant's backend (CONTRACT 5): capture, refund, release, lists,
//! agreements and their charges.

mod cancels;
mod captures;
mod charges;
mod desk;
mod idempotency;
mod lists;
pub mod merchant;
mod race;
mod refunds;
mod silence;
mod stops;
mod tenancy;
