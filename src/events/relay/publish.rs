//! Sending one batch of events and hearing which of them the broker has.
//!
//! What must never live here: the store. An event counts as published only when the broker
//! confirmed it and did not return it.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Channel, Confirmation};
use uuid::Uuid;

use super::status::Problem;
use crate::events::Event;
use crate::events::cloud_event::{CONTENT_TYPE, cloud_event};

/// AMQP's delivery mode of messages that outlive a restart of the broker.
const PERSISTENT: u8 = 2;

/// What became of a batch.
#[derive(Debug)]
pub(super) struct Sent {
    /// The broker has them; every other event of the batch is in doubt and must be sent again.
    pub(super) confirmed: Vec<Uuid>,
    /// The first thing that went wrong.
    pub(super) problem: Option<Problem>,
}

/// Publishes `events` to `exchange` and waits for the confirms, all within `within`. The events
/// must be of different subjects, since nothing here keeps an order between them.
pub(super) async fn publish(
    channel: &Channel,
    exchange: &str,
    source: &str,
    events: &[Event],
    within: Duration,
) -> Sent {
    let mut sent = Sent {
        confirmed: Vec::with_capacity(events.len()),
        problem: None,
    };
    let work = send_and_confirm(channel, exchange, source, events, &mut sent);
    if tokio::time::timeout(within, work).await.is_err() {
        sent.blame(Problem::Unconfirmed(within));
    }
    sent
}

async fn send_and_confirm(
    channel: &Channel,
    exchange: &str,
    source: &str,
    events: &[Event],
    sent: &mut Sent,
) {
    let mut confirms = FuturesUnordered::new();
    for event in events {
        let body = cloud_event(event, source).to_string();
        let confirm = channel.basic_publish(
            exchange.into(),
            event.kind.as_str().into(),
            BasicPublishOptions {
                mandatory: true,
                ..BasicPublishOptions::default()
            },
            body.as_bytes(),
            properties(event),
        );
        match confirm.await {
            Ok(confirm) => confirms.push(async move { (event.id, confirm.await) }),
            Err(error) => {
                sent.blame(error.into());
                break;
            }
        }
    }
    while let Some((id, confirmation)) = confirms.next().await {
        sent.note(id, confirmation);
    }
}

impl Sent {
    fn blame(&mut self, problem: Problem) {
        self.problem.get_or_insert(problem);
    }

    fn note(&mut self, id: Uuid, confirmation: lapin::Result<Confirmation>) {
        match confirmation {
            Ok(Confirmation::Ack(None)) => self.confirmed.push(id),
            // The broker acknowledges an unroutable message too; that it came back is what counts.
            Ok(Confirmation::Ack(Some(returned))) => {
                self.blame(Problem::Unroutable(returned.reply_text.to_string()));
            }
            Ok(Confirmation::Nack(_) | Confirmation::NotRequested) => {
                self.blame(Problem::NotAccepted);
            }
            Err(error) => self.blame(error.into()),
        }
    }
}

fn properties(event: &Event) -> BasicProperties {
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_content_type(CONTENT_TYPE.into())
        .with_message_id(event.id.to_string().into())
        .with_type(event.kind.as_str().into())
        // AMQP's timestamps are whole seconds; the exact time is in the body.
        .with_timestamp(u64::try_from(event.occurred_at.timestamp()).unwrap_or_default())
        .with_app_id("mcpay".into())
}
