//! Fetches who paid, as long as the payer's permission lasts: 168 hours from the approval.
//!
//! Always from the configured host, whatever address an agreement names, and without the
//! subscription key unless the account says otherwise: Userinfo belongs to another product.

use mcpay_port::{Profile, ProviderError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::client::{Call, Client};
use crate::link::is_name;
use crate::problem::not_found;

pub async fn fetch(client: &Client<'_>, subject: &SecretString) -> Result<Profile, ProviderError> {
    let subject = subject.expose_secret();
    if !is_name(subject) {
        return Err(not_found());
    }
    let mut call = Call::get(format!("/vipps-userinfo-api/userinfo/{subject}"));
    if !client.settings.userinfo_subscription_key {
        call = call.without_subscription_key();
    }
    let told: Map<String, Value> = client.send(&call).await?.json()?;
    Ok(Profile(Value::Object(told).to_string().into()))
}
