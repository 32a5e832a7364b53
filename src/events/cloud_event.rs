//! The form an event is published in: CloudEvents 1.0, structured JSON (CONTRACT 6).

use serde_json::{Value, json};

use super::Event;

/// The media type of the published body.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// `source` is the service's public URL.
pub fn cloud_event(event: &Event, source: &str) -> Value {
    json!({
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": event.kind,
        "subject": event.subject,
        "time": event.occurred_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "datacontenttype": "application/json",
        "sequence": event.sequence,
        "data": event.data,
    })
}
