//! Tell: the events of an order (CONTRACT 6). They hold ids, amounts and states; what must never be
//! in them is anything out of the order's body.

use chrono::{DateTime, Utc};
use mcpay_port::PaymentRef;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::order::Order;
use crate::events::{Event, EventType};

/// What an event of an order tells besides the order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Circumstances {
    pub(super) payment: Option<PaymentRef>,
    pub(super) reason: Option<&'static str>,
}

impl Order {
    /// The event that tells how this order stands now. Takes its next sequence number.
    pub(super) fn tell(
        &mut self,
        kind: EventType,
        circumstances: Circumstances,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Event {
        self.event_sequence = self.event_sequence.saturating_add(1);
        Event {
            id,
            kind: kind.as_str().to_owned(),
            subject: self.id.to_string(),
            sequence: self.event_sequence,
            client: self.client.clone(),
            payment: circumstances.payment,
            occurred_at: at,
            data: self.data(circumstances),
        }
    }

    fn data(&self, circumstances: Circumstances) -> Value {
        let mut data = Map::new();
        data.insert("orderId".into(), self.id.get().into());
        data.insert("clientCode".into(), self.client.as_str().into());
        if let Some(id) = &self.external_id {
            data.insert("externalOrderId".into(), id.clone().into());
        }
        if let Some(payment) = circumstances.payment {
            data.insert("mcPayRef".into(), payment.to_string().into());
        }
        data.insert("orderStatus".into(), self.status.as_str().into());
        data.insert("currency".into(), self.amount.currency().code().into());
        data.insert("amount".into(), self.amount.to_major().to_string().into());
        if let Some(reason) = circumstances.reason {
            data.insert("reason".into(), reason.into());
        }
        Value::Object(data)
    }
}
