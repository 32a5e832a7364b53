//! Whether a token is valid now: `exp`, `nbf` and `iat` of RFC 7519, with CONTRACT 4.1's own rule
//! for tokens without `exp`.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{Claims, InvalidSign};
use crate::signing::read_decimal;

/// Clocks differ; so much is forgiven on every claim, seconds.
const LEEWAY_SECONDS: i64 = 60;

/// A token without `exp` lives so long from its `iat`, seconds.
const DEFAULT_LIFETIME_SECONDS: i64 = 3_600;

/// The last second of the year 9999: more is a mistake (milliseconds, usually).
const MAX_SECONDS: i64 = 253_402_300_799;

/// # Errors
/// `NoTime`, `BadTime`, `NotYetValid`, `Expired`.
pub(super) fn check(claims: &Claims, now: DateTime<Utc>) -> Result<(), InvalidSign> {
    let issued = read_time(claims, "iat")?;
    let starts = read_time(claims, "nbf")?;
    let expires = match (read_time(claims, "exp")?, issued) {
        (Some(expires), _) => expires,
        (None, Some(issued)) => issued + Decimal::from(DEFAULT_LIFETIME_SECONDS),
        (None, None) => return Err(InvalidSign::NoTime),
    };
    let now = Decimal::new(now.timestamp_micros(), 6);
    let leeway = Decimal::from(LEEWAY_SECONDS);
    if issued
        .into_iter()
        .chain(starts)
        .any(|time| time > now + leeway)
    {
        return Err(InvalidSign::NotYetValid);
    }
    if now > expires + leeway {
        return Err(InvalidSign::Expired);
    }
    Ok(())
}

/// A `NumericDate`: seconds since 1970, which may have a fraction.
fn read_time(claims: &Claims, name: &str) -> Result<Option<Decimal>, InvalidSign> {
    if claims.repeated().iter().any(|repeated| repeated == name) {
        return Err(InvalidSign::BadTime);
    }
    let Some(text) = claims.get_with_null(name) else {
        return Ok(None);
    };
    let seconds = read_decimal(text).map_err(|_| InvalidSign::BadTime)?;
    if (Decimal::ZERO..=Decimal::from(MAX_SECONDS)).contains(&seconds) {
        Ok(Some(seconds))
    } else {
        Err(InvalidSign::BadTime)
    }
}
