//! What the service declares at the broker (CONTRACT 6): a durable topic exchange, the back-office
//! queue that gets everything, and where the messages go that its consumers reject.
//!
//! What must never live here: publishing. Arguments are part of the outward contract: a broker
//! refuses a queue that is declared with others than it has.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

/// After so many failed deliveries a message counts as rejected. The broker's version 4 has
/// this default; version 3 has none, and one poisonous message would circle for ever.
const DELIVERY_LIMIT: i32 = 20;

/// Names at the broker.
#[derive(Clone, Debug)]
pub(super) struct Topology {
    pub(super) exchange: String,
    pub(super) queue: String,
}

impl Topology {
    /// The name of both the dead-letter exchange and its queue.
    pub(super) fn dead(&self) -> String {
        format!("{}.dead", self.queue)
    }

    /// Declares everything. Safe to repeat.
    pub(super) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        let dead = self.dead();
        declare_exchange(channel, &dead, ExchangeKind::Fanout).await?;
        declare_queue(channel, &dead, dead_arguments()).await?;
        bind(channel, &dead, &dead).await?;

        declare_exchange(channel, &self.exchange, ExchangeKind::Topic).await?;
        declare_queue(channel, &self.queue, queue_arguments(&dead)).await?;
        bind(channel, &self.queue, &self.exchange).await
    }
}

async fn declare_exchange(channel: &Channel, name: &str, kind: ExchangeKind) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    channel
        .exchange_declare(name.into(), kind, options, FieldTable::default())
        .await
}

async fn declare_queue(
    channel: &Channel,
    name: &str,
    arguments: FieldTable,
) -> lapin::Result<lapin::Queue> {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel.queue_declare(name.into(), options, arguments).await
}

async fn bind(channel: &Channel, queue: &str, exchange: &str) -> lapin::Result<()> {
    channel
        .queue_bind(
            queue.into(),
            exchange.into(),
            "#".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

fn dead_arguments() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

fn queue_arguments(dead: &str) -> FieldTable {
    let mut arguments = dead_arguments();
    arguments.insert("x-dead-letter-exchange".into(), text(dead));
    // Without these two a quorum queue may lose a message on its way to the dead-letter queue
    // (documentation of RabbitMQ, quorum queues, "at-least-once dead-lettering"; since 3.10).
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments.insert(
        "x-delivery-limit".into(),
        AMQPValue::LongInt(DELIVERY_LIMIT),
    );
    arguments
}
