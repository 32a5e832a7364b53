//! The back office's side of RabbitMQ: an exchange and a queue of its own for each test.

use std::collections::HashMap;
use std::env;
use std::time::Duration;

use futures_util::StreamExt as _;
use lapin::options::QueueDeleteOptions;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, ExchangeDeleteOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::proxy::Proxy;

/// Names that nobody else uses.
pub struct BrokerNames {
    pub exchange: String,
    pub queue: String,
}

impl BrokerNames {
    pub fn fresh() -> Self {
        let id = Uuid::new_v4().simple().to_string();
        Self {
            exchange: format!("mcpay.spec.{id}"),
            queue: format!("mcpay.spec.{id}.queue"),
        }
    }
}

/// The broker that `scripts/test` found or started.
pub fn amqp_url() -> String {
    env::var("TEST_AMQP_URL")
        .or_else(|_| env::var("AMQP_URL"))
        .unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672/%2f".to_owned())
}

pub async fn connect() -> (Connection, Channel) {
    let connection = Connection::connect(&amqp_url(), ConnectionProperties::default())
        .await
        .expect("RabbitMQ must answer: run the tests with scripts/test, or set TEST_AMQP_URL");
    let channel = connection.create_channel().await.expect("a channel");
    (connection, channel)
}

/// What the back office gets: an event and how it came.
#[derive(Clone, Debug)]
pub struct Message {
    pub routing_key: String,
    pub properties: BasicProperties,
    pub event: Value,
}

/// A URL of the same broker that leads through the proxy.
pub fn amqp_url_through(proxy: &Proxy) -> String {
    let mut url = Url::parse(&amqp_url()).expect("the broker's URL");
    url.set_host(Some(&proxy.addr.ip().to_string()))
        .expect("a host");
    url.set_port(Some(proxy.addr.port())).expect("a port");
    url.into()
}

/// Takes events off the queue until `enough` says so; panics after `limit` with what came.
pub async fn take_until(
    queue: &str,
    limit: Duration,
    mut enough: impl FnMut(&[Message]) -> bool,
) -> Vec<Message> {
    let (connection, channel) = connect().await;
    let mut consumer = channel
        .basic_consume(
            queue.into(),
            "spec".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        )
        .await
        .expect("the service has declared its queue");
    let mut messages = Vec::new();
    let taking = async {
        while !enough(&messages) {
            let delivery = consumer
                .next()
                .await
                .expect("the queue stays")
                .expect("a delivery");
            delivery
                .ack(BasicAckOptions::default())
                .await
                .expect("an acknowledgement");
            messages.push(Message {
                routing_key: delivery.routing_key.to_string(),
                event: serde_json::from_slice(&delivery.data).expect("an event is JSON"),
                properties: delivery.properties,
            });
        }
    };
    let outcome = tokio::time::timeout(limit, taking).await;
    let mut types: HashMap<&str, usize> = HashMap::new();
    for message in &messages {
        *types.entry(message.routing_key.as_str()).or_default() += 1;
    }
    assert!(
        outcome.is_ok(),
        "after {limit:?} only these events had come: {types:?}"
    );
    drop(channel);
    drop(connection);
    messages
}

/// Removes what the service declared under these names.
pub async fn remove(names: &BrokerNames) {
    let (_connection, channel) = connect().await;
    let dead = format!("{}.dead", names.queue);
    for queue in [&names.queue, &dead] {
        let _ = channel
            .queue_delete(queue.as_str().into(), QueueDeleteOptions::default())
            .await;
    }
    for exchange in [&names.exchange, &dead] {
        let _ = channel
            .exchange_delete(exchange.as_str().into(), ExchangeDeleteOptions::default())
            .await;
    }
}
