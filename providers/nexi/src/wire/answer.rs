//! What is read. Nexi leaves out what it has nothing to say about, so everything is optional.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The answer to a create.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    pub payment_id: Option<String>,
    pub hosted_payment_page_url: Option<String>,
}

/// `GET /v1/payments/{paymentId}`
#[derive(Debug, Deserialize)]
pub struct Retrieved {
    pub payment: Option<Payment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    #[serde(rename = "paymentId")]
    pub id: Option<String>,
    pub summary: Option<Summary>,
    #[serde(rename = "paymentDetails")]
    pub details: Option<PaymentDetails>,
    pub order_details: Option<OrderDetails>,
    pub created: Option<String>,
    /// A time, and there only when the payment was terminated.
    pub terminated: Option<String>,
    pub charges: Option<Vec<Charge>>,
    pub refunds: Option<Vec<Refund>>,
    pub subscription: Option<Subscription>,
    pub unscheduled_subscription: Option<UnscheduledSubscription>,
    pub my_reference: Option<String>,
}

impl Payment {
    pub fn summary(&self) -> Summary {
        self.summary.unwrap_or_default()
    }

    pub fn charges(&self) -> &[Charge] {
        self.charges.as_deref().unwrap_or_default()
    }

    pub fn refunds(&self) -> &[Refund] {
        self.refunds.as_deref().unwrap_or_default()
    }
}

/// Sums over the payment's life, in minor units; zero when left out.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(clippy::struct_field_names, reason = "these are Nexi's names")]
pub struct Summary {
    reserved_amount: Option<i64>,
    charged_amount: Option<i64>,
    refunded_amount: Option<i64>,
    cancelled_amount: Option<i64>,
}

impl Summary {
    pub fn reserved(self) -> i64 {
        self.reserved_amount.unwrap_or_default()
    }

    pub fn charged(self) -> i64 {
        self.charged_amount.unwrap_or_default()
    }

    pub fn refunded(self) -> i64 {
        self.refunded_amount.unwrap_or_default()
    }

    pub fn cancelled(self) -> i64 {
        self.cancelled_amount.unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentDetails {
    /// `CARD`, `A2A`, … once the payer has chosen.
    pub payment_type: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct OrderDetails {
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub reference: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    pub charge_id: Option<String>,
    pub amount: Option<i64>,
}

/// Which charge it gives back of is not told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    pub amount: Option<i64>,
    /// `Pending`, `Completed`, `Failed`, `Cancelled` or `Expired`.
    pub state: Option<String>,
    pub order_items: Option<Vec<Item>>,
}

#[derive(Debug, Deserialize)]
pub struct Item {
    pub reference: Option<String>,
}

/// No `Debug`: the id moves money.
#[derive(Deserialize)]
pub struct Subscription {
    pub id: Option<String>,
}

/// No `Debug`: the id moves money.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnscheduledSubscription {
    pub unscheduled_subscription_id: Option<String>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

impl fmt::Debug for UnscheduledSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnscheduledSubscription")
    }
}

/// The answer to a charge or a refund of a payment: that it is one is all that is read.
#[derive(Deserialize)]
pub struct Moved {
    #[serde(rename = "chargeId", alias = "refundId")]
    _id: IgnoredAny,
}

/// The answer to a charge of an agreement, and to the question what became of one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgreementCharged {
    pub payment_id: Option<String>,
}
