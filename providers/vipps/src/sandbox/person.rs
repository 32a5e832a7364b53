//! The payer who stands behind every phone number: an invented person, and what of it is told.
//!
//! `sub` is the same for the same phone number and sales unit, and tells nothing of either.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use uuid::{Builder, Uuid};

/// Who pays when nobody said.
pub(crate) const SOMEBODY: &str = "4712345678";
const TOLD_FOR: TimeDelta = TimeDelta::hours(168);
pub(crate) const SCOPES: [&str; 6] = [
    "name",
    "address",
    "email",
    "phoneNumber",
    "birthDate",
    "nin",
];

/// What a payer permitted, and when. No `Debug`: it has a phone number.
#[derive(Clone)]
pub(crate) struct Consent {
    pub(crate) scope: Vec<&'static str>,
    pub(crate) phone: String,
    pub(crate) given_at: DateTime<Utc>,
}

impl Consent {
    pub(crate) fn is_over(&self, now: DateTime<Utc>) -> bool {
        now.signed_duration_since(self.given_at) > TOLD_FOR
    }

    /// The claims of Userinfo.
    pub(crate) fn claims(&self, sub: &str) -> Value {
        let mut claims = Map::new();
        let mut tell = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        tell("sub", json!(sub));
        tell("sid", json!(Uuid::new_v4().to_string()));
        for scope in &self.scope {
            match *scope {
                "name" => {
                    tell("name", json!("Ada Lovelace"));
                    tell("given_name", json!("Ada"));
                    tell("family_name", json!("Lovelace"));
                }
                "email" => {
                    tell("email", json!("user@example.com"));
                    tell("email_verified", json!(true));
                }
                "phoneNumber" => {
                    tell("phone_number", json!(self.phone));
                    tell("phone_number_verified", json!(true));
                }
                "address" => {
                    tell("address", address());
                    tell("other_addresses", json!([]));
                }
                "birthDate" => {
                    tell("birthdate", json!("1815-12-10"));
                }
                _ => {}
            }
        }
        Value::Object(claims)
    }

    /// The short form that a payment itself carries.
    pub(crate) fn details(&self) -> Value {
        let mut details = Map::new();
        let mut tell = |name: &str, value: Value| details.insert(name.to_owned(), value);
        for scope in &self.scope {
            match *scope {
                "name" => {
                    tell("firstName", json!("Ada"));
                    tell("lastName", json!("Lovelace"));
                }
                "email" => {
                    tell("email", json!("user@example.com"));
                }
                "phoneNumber" => {
                    tell("mobileNumber", json!(self.phone));
                }
                "address" => {
                    tell(
                        "addresses",
                        json!([{
                            "addressLine1": "Suburbia 23", "addressLine2": "", "city": "OSLO",
                            "postCode": "2101", "country": "NO",
                        }]),
                    );
                }
                _ => {}
            }
        }
        Value::Object(details)
    }
}

fn address() -> Value {
    json!({
        "address_type": "home",
        "country": "NO",
        "formatted": "Suburbia 23\n2101 OSLO\nNO",
        "postal_code": "2101",
        "region": "OSLO",
        "street_address": "Suburbia 23",
    })
}

/// The name of a payer at one sales unit.
pub(crate) fn sub(unit: &str, phone: &str) -> String {
    let hash = digest(&SHA256, format!("{unit}:{phone}").as_bytes());
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(hash.as_ref()) {
        *byte = *hashed;
    }
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// Digits with the country code, without a plus.
pub(crate) fn is_phone(text: &str) -> bool {
    (10..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words of a scope; none when one is unknown or there twice.
pub(crate) fn read_scope(text: &str) -> Option<Vec<&'static str>> {
    let mut scope = Vec::new();
    for word in text.split_whitespace() {
        let known = SCOPES.iter().find(|known| **known == word)?;
        if scope.contains(known) {
            return None;
        }
        scope.push(*known);
    }
    (!scope.is_empty()).then_some(scope)
}
