//! Rows of the tables and what they mean in the domain, once for both databases.
//!
//! What must never live here: a query. A row that cannot be read is a broken database, not a panic.

pub mod access;
pub mod agreement;
pub mod client;
pub mod event;
pub mod idempotency;
pub mod operation;
pub mod order;
pub mod payment;
pub mod profile;
pub mod registration;

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use mcpay_port::{Currency, Money};

use super::failure::Failure;

/// Both databases keep a time without a zone; it is always UTC. `PostgreSQL` would round what is
/// smaller than a microsecond and `SQLite` would keep it, so it is cut here.
pub fn stored(at: DateTime<Utc>) -> NaiveDateTime {
    at.trunc_subsecs(6).naive_utc()
}

/// The opposite of [`stored`].
pub fn told(at: NaiveDateTime) -> DateTime<Utc> {
    at.and_utc()
}

fn unreadable(column: &str) -> Failure {
    Failure::broken(format!(
        "{column} holds a value that this program does not know"
    ))
}

/// Reads an identifier or a name back.
pub fn parsed<T: FromStr>(text: &str, column: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| unreadable(column))
}

pub fn currency(code: &str, column: &str) -> Result<Currency, Failure> {
    Currency::from_code(code).ok_or_else(|| unreadable(column))
}

/// The minor units of an amount that stands in a row of `currency`.
fn minor_of(money: Money, currency: Currency) -> Result<i64, Failure> {
    if money.currency() == currency {
        Ok(money.minor())
    } else {
        Err(Failure::broken(
            "the amounts of one row are in different currencies",
        ))
    }
}
