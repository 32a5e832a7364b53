//! The three parts of a token and what its header says. Nothing here is trusted yet.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

use super::InvalidSign;

/// As long as the longest body that is read (CONTRACT 4.5, `payload_too_large`).
const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// A token taken apart, not verified.
pub(super) struct Parts<'a> {
    pub(super) header: Header,
    /// Header and payload as they were signed.
    pub(super) message: &'a [u8],
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    #[serde(default)]
    pub(super) kid: Option<String>,
    #[serde(default)]
    crit: Present,
}

/// Whether a member is there at all, whatever its value.
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// Takes a token apart.
///
/// # Errors
/// `TooLong`, `NotAToken`, and `CriticalHeader` (RFC 7515, 4.1.11: a header that demands what is
/// not understood makes the token invalid).
pub(super) fn split(token: &str) -> Result<Parts<'_>, InvalidSign> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(InvalidSign::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(InvalidSign::NotAToken)?;
    let (header, payload) = message.split_once('.').ok_or(InvalidSign::NotAToken)?;
    if payload.contains('.') {
        return Err(InvalidSign::NotAToken);
    }
    let header: Header =
        serde_json::from_slice(&decode(header)?).map_err(|_| InvalidSign::NotAToken)?;
    if header.crit.0 {
        return Err(InvalidSign::CriticalHeader);
    }
    Ok(Parts {
        header,
        message: message.as_bytes(),
        payload,
        signature,
    })
}

pub(super) fn decode(part: &str) -> Result<Vec<u8>, InvalidSign> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| InvalidSign::NotAToken)
}
