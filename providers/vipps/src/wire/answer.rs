//! What is read: only the fields that the adapter lives on.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

#[derive(Clone, Debug, Deserialize)]
pub struct Amount {
    pub currency: String,
    pub value: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedPayment {
    pub redirect_url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Payment {
    pub reference: String,
    pub state: String,
    pub amount: Amount,
    pub aggregate: Option<Aggregate>,
    pub profile: Option<Profile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "these are the provider's names")]
pub struct Aggregate {
    pub authorized_amount: Amount,
    pub captured_amount: Amount,
    pub cancelled_amount: Amount,
    pub refunded_amount: Amount,
}

/// An entry of the event log of an ePayment. Some have no key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentEvent {
    pub name: Option<String>,
    pub amount: Option<Amount>,
    pub idempotency_key: Option<String>,
    pub success: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub struct Profile {
    #[serde(default, deserialize_with = "find_secret")]
    pub sub: Option<SecretString>,
}

/// The answer to a capture, refund or cancellation of an ePayment.
#[derive(Deserialize)]
pub struct Modified {
    pub state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftedAgreement {
    pub agreement_id: String,
    pub vipps_confirmation_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreement {
    pub id: String,
    pub status: String,
    pub external_id: Option<String>,
    #[serde(default, deserialize_with = "find_secret")]
    pub sub: Option<SecretString>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedCharge {
    pub charge_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    pub id: String,
    pub external_id: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub summary: Option<Summary>,
    pub history: Option<Vec<ChargeEvent>>,
}

impl Charge {
    /// Whether money was reserved at some time, also when it is released again.
    pub fn was_reserved(&self) -> bool {
        self.history
            .iter()
            .flatten()
            .any(|past| past.event.as_deref() == Some("RESERVE") && past.success != Some(false))
    }
}

#[derive(Debug, Deserialize)]
pub struct Summary {
    pub captured: i64,
    pub refunded: i64,
    pub cancelled: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargeEvent {
    pub event: Option<String>,
    /// Minor units.
    pub amount: Option<i64>,
    pub idempotency_key: Option<String>,
    pub success: Option<bool>,
}

/// The access token. `expires_in` is documented as a number in a string.
#[derive(Deserialize)]
pub struct AccessToken {
    #[serde(deserialize_with = "get_secret")]
    pub access_token: SecretString,
    #[serde(deserialize_with = "seconds")]
    pub expires_in: u64,
}

#[derive(Deserialize)]
pub struct RegisteredWebhook {
    pub id: String,
    #[serde(deserialize_with = "get_secret")]
    pub secret: SecretString,
}

#[derive(Deserialize)]
pub struct Webhooks {
    pub webhooks: Vec<Webhook>,
}

#[derive(Deserialize)]
pub struct Webhook {
    pub id: String,
    pub url: String,
    pub events: Option<Vec<String>>,
}

impl Webhook {
    /// Whether it was registered for all of `events`; so it is taken where the answer does not say.
    pub fn hears_of(&self, events: &[&str]) -> bool {
        self.events.as_ref().is_none_or(|registered| {
            events
                .iter()
                .all(|wanted| registered.iter().any(|one| one == wanted))
        })
    }
}

fn find_secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.is_empty()).map(SecretString::from))
}

fn get_secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    find_secret(from)?.ok_or_else(|| serde::de::Error::custom("a secret is empty"))
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    match Seconds::deserialize(from)? {
        Seconds::Number(seconds) => Ok(seconds),
        Seconds::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}
