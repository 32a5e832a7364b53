//! What is sent. These types have no `Debug`: they carry callback keys and phone numbers. Nexi's
//! schemas are closed and its amounts are int32, so nothing is sent as null.

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

/// `POST /v1/payments`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Create<'a> {
    pub order: Order,
    pub checkout: Checkout<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notifications: Option<Notifications<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Subscription>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unscheduled_subscription: Option<UnscheduledSubscription>,
    pub my_reference: String,
}

/// `POST /v1/(unscheduled)subscriptions/{id}/charges`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargeAgreement<'a> {
    pub order: Order,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notifications: Option<Notifications<'a>>,
    pub my_reference: String,
}

#[derive(Serialize)]
pub struct Order {
    pub items: [Item; 1],
    pub amount: i32,
    pub currency: &'static str,
    pub reference: String,
}

/// One line. `netTotalAmount` is `unitPrice` times `quantity`, `grossTotalAmount` is that plus
/// `taxAmount`; `taxRate` is percent times 100.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    pub reference: String,
    pub name: String,
    pub quantity: u8,
    pub unit: &'static str,
    pub unit_price: i32,
    pub tax_rate: i32,
    pub tax_amount: i32,
    pub net_total_amount: i32,
    pub gross_total_amount: i32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkout<'a> {
    pub integration_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_url: Option<&'a str>,
    pub terms_url: String,
    pub merchant_handles_consumer_data: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer: Option<Consumer<'a>>,
    pub charge: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Consumer<'a> {
    pub phone_number: PhoneNumber<'a>,
}

/// `prefix` has the plus sign, `number` only digits.
#[derive(Serialize)]
pub struct PhoneNumber<'a> {
    pub prefix: &'a str,
    pub number: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    pub end_date: String,
    /// The least number of days between charges; 0 is no limit.
    pub interval: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_variable_amount: Option<bool>,
}

#[derive(Serialize)]
pub struct UnscheduledSubscription {
    pub create: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notifications<'a> {
    pub web_hooks: Vec<WebHook<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebHook<'a> {
    pub event_name: &'static str,
    pub url: &'a str,
    /// Comes back as the `Authorization` header of each notification.
    pub authorization: Exposed<'a>,
}

/// A charge of a payment, a cancel or a refund: the whole without an item, a part with one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    pub amount: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_items: Option<[Item; 1]>,
}

/// A secret that is written in clear: only into a request's body.
pub struct Exposed<'a>(pub &'a SecretString);

impl Serialize for Exposed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}
