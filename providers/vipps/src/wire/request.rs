//! What is sent. These types have no `Debug`: some of them carry a phone number. Nothing is ever
//! sent as null.

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

/// ePayment writes amounts as objects, Recurring as bare numbers; both in minor units.
#[derive(Serialize)]
pub struct Amount {
    pub currency: &'static str,
    pub value: i64,
}

/// `POST /epayment/v1/payments`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatePayment<'a> {
    pub amount: Amount,
    pub payment_method: PaymentMethod,
    pub reference: String,
    pub user_flow: &'static str,
    pub return_url: &'a str,
    pub payment_description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileScope>,
}

#[derive(Serialize)]
pub struct PaymentMethod {
    #[serde(rename = "type")]
    pub kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    pub phone_number: Exposed,
}

#[derive(Serialize)]
pub struct ProfileScope {
    pub scope: String,
}

/// A capture or refund of an ePayment.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Modification {
    pub modification_amount: Amount,
}

/// Cancels only what the payer has not approved yet. A release sends no body.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelUnapproved {
    pub cancel_transaction_only: bool,
}

/// `POST /recurring/v3/agreements`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftAgreement<'a> {
    pub pricing: Pricing,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    pub merchant_redirect_url: &'a str,
    pub merchant_agreement_url: &'a str,
    pub product_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<Exposed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_charge: Option<InitialCharge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    pub external_id: String,
}

#[derive(Serialize)]
pub struct Pricing {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub amount: i64,
    pub currency: &'static str,
}

#[derive(Serialize)]
pub struct Interval {
    pub unit: &'static str,
    pub count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InitialCharge {
    pub amount: i64,
    pub description: String,
    pub transaction_type: &'static str,
    pub order_id: String,
    pub external_id: String,
}

/// `POST /recurring/v3/agreements/{id}/charges`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateCharge {
    pub amount: i64,
    pub transaction_type: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub description: String,
    /// `YYYY-MM-DD`; neither it nor `retry_days` goes with an unscheduled charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_days: Option<u32>,
    pub order_id: String,
    pub external_id: String,
}

/// A capture or refund of a charge.
#[derive(Serialize)]
pub struct ChargeModification {
    pub amount: i64,
    pub description: &'static str,
}

/// Ends an agreement. No other field may stand beside it.
#[derive(Serialize)]
pub struct StopAgreement {
    pub status: &'static str,
}

/// `POST /webhooks/v1/webhooks`
#[derive(Serialize)]
pub struct RegisterWebhook<'a> {
    pub url: &'a str,
    pub events: &'static [&'static str],
}

/// A secret that is written in clear: only into a request's body.
pub struct Exposed(pub SecretString);

impl Serialize for Exposed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}
