//! The types of events and the data of a payment event (CONTRACT 6).

use chrono::{DateTime, Utc};
use mcpay_port::{Money, PaymentRef};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::clients::ClientCode;
use crate::payments::payment::Payment;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    PaymentInitiated,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentCancelled,
    PaymentExpired,
    PaymentRefunded,
    PaymentUnknown,
    AgreementActivated,
}

impl EventType {
    /// The routing key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentInitiated => "payment.initiated",
            Self::PaymentAuthorized => "payment.authorized",
            Self::PaymentCaptured => "payment.captured",
            Self::PaymentFailed => "payment.failed",
            Self::PaymentCancelled => "payment.cancelled",
            Self::PaymentExpired => "payment.expired",
            Self::PaymentRefunded => "payment.refunded",
            Self::PaymentUnknown => "payment.unknown",
            Self::AgreementActivated => "agreement.activated",
        }
    }
}

/// An event as it is stored: immutable once written.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: Uuid,
    pub kind: String,
    /// What it is about: mcPayRef, order id or agreement id.
    pub subject: String,
    /// Counts up per subject, from 1.
    pub sequence: i64,
    pub client: ClientCode,
    /// The payment it belongs to, which is how the demo shop finds it.
    pub payment: Option<PaymentRef>,
    pub occurred_at: DateTime<Utc>,
    pub data: Value,
}

impl Event {
    /// The event that tells how `payment` stands now. Takes the payment's next sequence number.
    pub fn of_payment(kind: EventType, payment: &mut Payment, id: Uuid, at: DateTime<Utc>) -> Self {
        payment.event_sequence = payment.event_sequence.saturating_add(1);
        Self {
            id,
            kind: kind.as_str().to_owned(),
            subject: payment.reference.to_string(),
            sequence: payment.event_sequence,
            client: payment.client.clone(),
            payment: Some(payment.reference),
            occurred_at: at,
            data: payment_data(payment),
        }
    }

    /// The first event of the agreement that `payment` opened.
    pub fn agreement_activated(payment: &Payment, id: Uuid, at: DateTime<Utc>) -> Option<Self> {
        let agreement = payment.agreement?;
        Some(Self {
            id,
            kind: EventType::AgreementActivated.as_str().to_owned(),
            subject: agreement.id.to_string(),
            sequence: 1,
            client: payment.client.clone(),
            payment: Some(payment.reference),
            occurred_at: at,
            data: json!({
                "agreementId": agreement.id,
                "mcPayRef": payment.reference,
                "clientCode": payment.client.as_str(),
                "externalReference": payment.external_reference,
                "paymentMethod": payment.method.as_str(),
            }),
        })
    }
}

fn payment_data(payment: &Payment) -> Value {
    let major = |money: Money| Value::from(money.to_major().to_string());
    let mut data = Map::new();
    data.insert("mcPayRef".into(), json!(payment.reference));
    data.insert("clientCode".into(), payment.client.as_str().into());
    data.insert(
        "externalReference".into(),
        payment.external_reference.clone().into(),
    );
    data.insert("paymentMethod".into(), payment.method.as_str().into());
    data.insert("status".into(), payment.status.as_str().into());
    data.insert("currency".into(), payment.amount.currency().code().into());
    data.insert("amount".into(), major(payment.amount));
    data.insert("authorizedAmount".into(), major(payment.amounts.authorized));
    data.insert("capturedAmount".into(), major(payment.amounts.captured));
    data.insert("refundedAmount".into(), major(payment.amounts.refunded));
    data.insert("cancelledAmount".into(), major(payment.amounts.cancelled));
    if let Some(reason) = payment.reason {
        data.insert("reason".into(), reason.as_str().into());
    }
    if let Some(agreement) = payment.agreement {
        data.insert("agreementId".into(), json!(agreement.id));
    }
    Value::Object(data)
}
