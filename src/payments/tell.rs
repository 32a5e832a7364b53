//! Tell: the events of a payment and of the agreement it opened (CONTRACT 6). They hold amounts,
//! references and states; what must never be in them is a phone number, a name, a token or a key.

use chrono::{DateTime, Utc};
use mcpay_port::Money;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::agreement::Agreement;
use super::payment::Payment;
use crate::events::{Event, EventType};

impl Payment {
    /// The event that tells how this payment stands now. Takes its next sequence number.
    pub fn tell(&mut self, kind: EventType, id: Uuid, at: DateTime<Utc>) -> Event {
        self.event_sequence = self.event_sequence.saturating_add(1);
        Event {
            id,
            kind: kind.as_str().to_owned(),
            subject: self.reference.to_string(),
            sequence: self.event_sequence,
            client: self.client.clone(),
            payment: Some(self.reference),
            occurred_at: at,
            data: payment_data(self),
        }
    }

    /// The first event of the agreement that this payment opened.
    pub fn tell_agreement(&self, id: Uuid, at: DateTime<Utc>) -> Option<Event> {
        let agreement = self.agreement?;
        Some(Event {
            id,
            kind: EventType::AgreementActivated.as_str().to_owned(),
            subject: agreement.id.to_string(),
            sequence: 1,
            client: self.client.clone(),
            payment: Some(self.reference),
            occurred_at: at,
            data: json!({
                "agreementId": agreement.id,
                "mcPayRef": self.reference,
                "clientCode": self.client.as_str(),
                "externalReference": self.external_reference,
                "paymentMethod": self.method.as_str(),
            }),
        })
    }
}

impl Agreement {
    /// The event that tells its end; takes its next sequence number.
    pub(super) fn tell_stopped(&self, id: Uuid, at: DateTime<Utc>) -> Event {
        Event {
            id,
            kind: EventType::AgreementStopped.as_str().to_owned(),
            subject: self.id.to_string(),
            sequence: self.event_sequence.saturating_add(1),
            client: self.client.clone(),
            payment: Some(self.first_payment),
            occurred_at: at,
            data: json!({
                "agreementId": self.id,
                "mcPayRef": self.first_payment,
                "clientCode": self.client.as_str(),
                "paymentMethod": self.method.as_str(),
            }),
        }
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
    let opened = payment.agreement.map(|agreement| agreement.id);
    if let Some(agreement) = opened.or(payment.charge_of) {
        data.insert("agreementId".into(), json!(agreement));
    }
    Value::Object(data)
}
