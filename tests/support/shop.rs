//! The shop's server: claims of a payment and their signature, as the demo client makes them.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mcpay::cli::{DEMO_CLIENT, DEMO_SIGNING_SECRET};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

/// The claims of an ordinary one-time card payment by redirect at the service under `base`, made
/// `now`; `changes` are put over them, and a null takes one out.
pub fn claims(base: &Url, now: DateTime<Utc>, changes: &Value) -> Value {
    let now = now.timestamp();
    let mut claims = json!({
        "clientCode": DEMO_CLIENT,
        "paymentMethod": "creditcardPayex",
        "paymentFlow": "redirect",
        "recurring": false,
        "amount": 349,
        "currency": "NOK",
        "externalReference": format!("spec-{}", Uuid::new_v4().simple()),
        "returnUrl": base.join("/shop/thanks?order=7#receipt").unwrap(),
        "nbf": now, "iat": now, "exp": now + 3600,
    });
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().expect("changes are an object") {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

/// Signs claims as the demo client's server would.
pub fn sign(claims: &Value) -> String {
    let header = Header {
        kid: Some("demo".to_owned()),
        ..Header::new(Algorithm::HS512)
    };
    let key = EncodingKey::from_secret(DEMO_SIGNING_SECRET.as_bytes());
    jsonwebtoken::encode(&header, claims, &key).expect("claims can be signed")
}

/// What the library on a page of `base` posts with the token.
pub fn init_body(base: &Url, token: &str) -> Value {
    json!({
        "clientCode": DEMO_CLIENT,
        "sign": token,
        "pageUrl": base.join("/shop/pay").unwrap(),
    })
}
