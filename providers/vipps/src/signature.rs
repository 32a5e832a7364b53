//! Proves that a notification comes from the provider and is new: an HMAC over method, registered
//! address, date and body, with the secret that was told once, at the registration (the Webhooks
//! API's page on request authentication).
//!
//! The address is always the registered one. What a proxy made of the request's own host and path
//! is not what was signed.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, verify};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use mcpay_port::{Forged, RawNotification, Registration};
use secrecy::ExposeSecret;
use url::{Position, Url};

/// The provider tries for seven days, and does not say whether it dates each try anew.
const MAX_AGE: Duration = Duration::days(8);
const MAX_AHEAD: Duration = Duration::minutes(5);

const SCHEME: &str = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=";

/// # Errors
/// [`Forged::WrongKey`], whatever is wrong: nobody learns how far a forgery got.
pub fn check(raw: &RawNotification<'_>, registration: &Registration) -> Result<(), Forged> {
    check_parts(raw, registration).ok_or(Forged::WrongKey)
}

fn check_parts(raw: &RawNotification<'_>, registration: &Registration) -> Option<()> {
    let date = find_header(raw, "x-ms-date")?;
    let signed_at = DateTime::parse_from_rfc2822(date).ok()?.with_timezone(&Utc);
    let age = raw.received_at.signed_duration_since(signed_at);
    if age > MAX_AGE || age < -MAX_AHEAD {
        return None;
    }
    let hash = STANDARD.encode(digest(&SHA256, raw.body));
    let stated = find_header(raw, "x-ms-content-sha256")?;
    verify_slices_are_equal(hash.as_bytes(), stated.as_bytes()).ok()?;

    let signature = STANDARD.decode(find_signature(raw)?).ok()?;
    let secret = registration.secret.expose_secret();
    // An empty secret would be one that everybody knows.
    if secret.is_empty() {
        return None;
    }
    let url = &registration.url;
    let message = format!(
        "POST\n{}\n{date};{};{hash}",
        path_and_query(url),
        authority(url)
    );
    verify(
        &Key::new(HMAC_SHA256, secret.as_bytes()),
        message.as_bytes(),
        &signature,
    )
    .ok()
}

/// Some servers take `Authorization` for themselves; then the same value is in a header of the
/// provider's own.
fn find_signature<'a>(raw: &RawNotification<'a>) -> Option<&'a str> {
    ["authorization", "x-vipps-authorization"]
        .iter()
        .find_map(|name| find_header(raw, name)?.strip_prefix(SCHEME))
}

fn find_header<'a>(raw: &RawNotification<'a>, name: &str) -> Option<&'a str> {
    let mut named = raw.headers.iter().filter(|(header, _)| header == name);
    named.next().map(|(_, value)| value.as_str())
}

fn path_and_query(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

/// The host, with its port where that is not the scheme's.
fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

#[cfg(test)]
#[path = "signature_test.rs"]
pub mod tests;
