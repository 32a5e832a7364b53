//! What is sent. These types have no `Debug`: they carry tokens and phone numbers.

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

/// `{"paymentorder": …}`
#[derive(Serialize)]
pub struct PaymentOrderBody<T> {
    pub paymentorder: T,
}

/// A create, for a payer who is present or for a charge on an agreement. PayEx reads a field that
/// is absent differently from one that is null, so nothing is ever sent as null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Create<'a> {
    pub operation: &'static str,
    pub currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_amount: Option<i64>,
    pub description: String,
    pub user_agent: &'a str,
    pub language: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub restricted_to_instruments: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate_unscheduled_token: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate_recurrence_token: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unscheduled_token: Option<Exposed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recurrence_token: Option<Exposed<'a>>,
    pub urls: Urls<'a>,
    pub payee_info: PayeeInfo<'a>,
    #[serde(skip_serializing_if = "Payer::is_empty")]
    pub payer: Payer<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "these are PayEx's names")]
pub struct Urls<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_url: Option<&'a str>,
    pub callback_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_of_service_url: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayeeInfo<'a> {
    pub payee_id: &'a str,
    pub payee_reference: &'a str,
    pub order_reference: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msisdn: Option<Exposed<'a>>,
}

impl Payer<'_> {
    fn is_empty(&self) -> bool {
        self.payer_reference.is_none() && self.msisdn.is_none()
    }
}

/// Closes an order that nobody has paid.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Abort {
    pub operation: &'static str,
    pub abort_reason: &'static str,
}

/// `{"transaction": …}`
#[derive(Serialize)]
pub struct TransactionBody<'a> {
    pub transaction: Transaction<'a>,
}

/// A capture, reversal or (without amounts) cancellation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction<'a> {
    pub description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_amount: Option<i64>,
    pub payee_reference: &'a str,
}

/// Deletes a token; PayEx wants a comment.
#[derive(Serialize)]
pub struct DeleteToken {
    pub state: &'static str,
    pub comment: &'static str,
}

/// A secret that is written in clear: only into a request's body.
pub struct Exposed<'a>(pub &'a SecretString);

impl Serialize for Exposed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}
