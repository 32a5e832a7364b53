//! Nexi's notifications: read without I/O, believed for nothing but "look at this payment".
//!
//! Nexi signs nothing. What proves the sender is the `Authorization` header, which carries the
//! value that was agreed when the payment was created; what proves the content is the inquiry that
//! follows.

use mcpay_port::{Forged, Hint, ProviderRef, RawNotification};
use secrecy::ExposeSecret;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::link;

/// Real ones have one to three kilobytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// All events have this; the rest differs by event and by version.
#[derive(Deserialize)]
struct Notification {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    payment_id: Option<String>,
}

pub fn read_notification(raw: &RawNotification<'_>) -> Result<Hint, Forged> {
    let expected = raw.expected_key.expose_secret().as_bytes();
    let given = raw
        .headers
        .iter()
        .find(|(name, _)| name == "authorization")
        .map(|(_, value)| value.as_bytes())
        .unwrap_or_default();
    // An empty key would be one that everybody knows.
    if expected.is_empty() || !bool::from(expected.ct_eq(given)) {
        return Err(Forged::WrongKey);
    }
    let payment = raw.payment.ok_or(Forged::Unreadable)?;
    Ok(Hint {
        payment,
        provider_ref: find_payment_id(raw.body),
    })
}

/// The id the body claims. The key has proven the sender, so a body that Nexi changed is still a
/// hint: it only names no id.
fn find_payment_id(body: &[u8]) -> Option<ProviderRef> {
    if body.len() > MAX_BODY_BYTES {
        return None;
    }
    let notification: Notification = serde_json::from_slice(body).ok()?;
    let id = notification.data.payment_id?;
    link::is_uuid(&id).then_some(ProviderRef(id))
}

#[cfg(test)]
mod tests;
