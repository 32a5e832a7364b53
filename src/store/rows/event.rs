//! An event as a row.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

use super::{parsed, stored, told};
use crate::clients::ClientCode;
use crate::events::Event;
use crate::store::failure::Failure;
use crate::store::schema::events;

/// The part of the row that never changes.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub struct EventRow {
    pub id: String,
    pub kind: String,
    pub subject: String,
    pub sequence: i64,
    pub client_code: String,
    pub mcpay_ref: Option<String>,
    pub occurred_at: NaiveDateTime,
    pub data: serde_json::Value,
}

impl EventRow {
    pub fn of(event: &Event) -> Self {
        Self {
            id: event.id.to_string(),
            kind: event.kind.clone(),
            subject: event.subject.clone(),
            sequence: event.sequence,
            client_code: event.client.as_str().to_owned(),
            mcpay_ref: event.payment.map(|reference| reference.to_string()),
            occurred_at: stored(event.occurred_at),
            data: event.data.clone(),
        }
    }

    pub fn read(self) -> Result<Event, Failure> {
        Ok(Event {
            id: parsed::<Uuid>(&self.id, "events.id")?,
            kind: self.kind,
            subject: self.subject,
            sequence: self.sequence,
            client: ClientCode(self.client_code),
            payment: self
                .mcpay_ref
                .map(|reference| parsed(&reference, "events.mcpay_ref"))
                .transpose()?,
            occurred_at: told(self.occurred_at),
            data: self.data,
        })
    }
}
