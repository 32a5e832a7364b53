//! The broker of a test: own names, a consumer's view of the queue, and cleaning up.

use std::env;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use lapin::options::{
    BasicGetOptions, ExchangeDeleteOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::protocol::BasicProperties;
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Connection, ConnectionProperties};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::events::memory_store::{MemoryStore, WallClock};
use crate::events::relay::{Relay, RelayOptions};

pub(super) const SOURCE: &str = "https://pay.example";
pub(super) const DEADLINE: Duration = Duration::from_secs(60);

pub(super) struct Bench {
    url: Url,
    connection: Connection,
    channel: Channel,
    exchange: String,
    pub(super) queue: String,
}

/// A message as a consumer gets it.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) routing_key: String,
    pub(super) properties: BasicProperties,
    pub(super) body: Value,
}

/// Runs `test` with names of its own, then removes what it declared, also when it failed.
pub(super) async fn on_broker(test: impl AsyncFnOnce(&Bench)) {
    let bench = Bench::open().await;
    let outcome = AssertUnwindSafe(test(&bench)).catch_unwind().await;
    bench.clean_up().await;
    if let Err(failure) = outcome {
        resume_unwind(failure);
    }
}

/// What the future gives, if it does so in time.
pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future)
        .await
        .expect("this should have happened long ago")
}

pub(super) fn text(value: Option<&ShortString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

pub(super) fn relay(store: &Arc<MemoryStore>, options: RelayOptions) -> Relay {
    let store = Arc::clone(store);
    Relay::new(store, Arc::new(WallClock), options).unwrap()
}

impl Bench {
    async fn open() -> Self {
        let url = env::var("TEST_AMQP_URL")
            .or_else(|_| env::var("AMQP_URL"))
            .unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672/%2f".to_owned());
        let url = Url::parse(&url).expect("TEST_AMQP_URL or AMQP_URL is not a URL");
        let connecting = Connection::connect(url.as_str(), ConnectionProperties::default());
        let connection = soon(connecting).await.unwrap_or_else(|error| {
            panic!(
                "These tests need a RabbitMQ 3.10 or later. None answers at {}:{} ({error}). Start \
                 one there, or set TEST_AMQP_URL to its amqp:// URL.",
                url.host_str().unwrap_or_default(),
                url.port().unwrap_or(5672),
            )
        });
        let channel = connection.create_channel().await.unwrap();
        let name = format!("mcpay.test.{}", Uuid::new_v4().simple());
        Self {
            url,
            connection,
            channel,
            exchange: format!("{name}.events"),
            queue: name,
        }
    }

    pub(super) fn options(&self, holder: &str) -> RelayOptions {
        RelayOptions {
            exchange: self.exchange.clone(),
            queue: self.queue.clone(),
            ..RelayOptions::new(self.url.as_str().to_owned().into(), SOURCE, holder)
        }
    }

    pub(super) fn relay(&self, store: &Arc<MemoryStore>, holder: &str) -> Relay {
        relay(store, self.options(holder))
    }

    /// `host:port` of the broker.
    pub(super) fn host(&self) -> String {
        let default = if self.url.scheme() == "amqps" {
            5671
        } else {
            5672
        };
        let port = self.url.port().unwrap_or(default);
        format!("{}:{port}", self.url.host_str().unwrap())
    }

    /// The broker's URL, but through something that listens on `addr`.
    pub(super) fn url_through(&self, addr: SocketAddr) -> SecretString {
        let mut url = self.url.clone();
        url.set_host(Some(&addr.ip().to_string())).unwrap();
        url.set_port(Some(addr.port())).unwrap();
        url.as_str().to_owned().into()
    }

    pub(super) fn url_with_password(&self, password: &str) -> SecretString {
        let mut url = self.url.clone();
        url.set_password(Some(password)).unwrap();
        url.as_str().to_owned().into()
    }

    /// Takes `count` messages from the queue, as they come.
    pub(super) async fn receive(&self, count: usize) -> Vec<Message> {
        let mut messages = Vec::new();
        soon(async {
            while messages.len() < count {
                match self.get().await {
                    Some(message) => messages.push(message),
                    None => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        })
        .await;
        messages
    }

    /// Takes everything that is in the queue now.
    pub(super) async fn receive_all(&self) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some(message) = self.get().await {
            messages.push(message);
        }
        messages
    }

    /// The next message, if there is one.
    async fn get(&self) -> Option<Message> {
        let options = BasicGetOptions { no_ack: true };
        let got = self
            .channel
            .basic_get(self.queue.as_str().into(), options)
            .await;
        let delivery = got.expect("the queue can be read")?.delivery;
        Some(Message {
            id: text(delivery.properties.message_id().as_ref()),
            routing_key: delivery.routing_key.to_string(),
            body: serde_json::from_slice(&delivery.data).unwrap(),
            properties: delivery.properties,
        })
    }

    /// How many messages wait in the queue.
    pub(super) async fn waiting(&self) -> u32 {
        let options = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let declared = self
            .channel
            .queue_declare(self.queue.as_str().into(), options, FieldTable::default())
            .await;
        declared.unwrap().message_count()
    }

    pub(super) async fn unbind(&self) {
        self.channel
            .queue_unbind(
                self.queue.as_str().into(),
                self.exchange.as_str().into(),
                "#".into(),
                FieldTable::default(),
            )
            .await
            .unwrap();
    }

    pub(super) async fn declare_classic_queue(&self) {
        self.channel
            .queue_declare(
                self.queue.as_str().into(),
                QueueDeclareOptions::default(),
                FieldTable::default(),
            )
            .await
            .unwrap();
    }

    pub(super) async fn delete_queue(&self) {
        self.channel
            .queue_delete(self.queue.as_str().into(), QueueDeleteOptions::default())
            .await
            .unwrap();
    }

    async fn clean_up(&self) {
        // A channel of its own: the test may have broken the other one.
        let channel = self.connection.create_channel().await.unwrap();
        let dead = format!("{}.dead", self.queue);
        for queue in [&self.queue, &dead] {
            let options = QueueDeleteOptions::default();
            channel
                .queue_delete(queue.as_str().into(), options)
                .await
                .unwrap();
        }
        for exchange in [&self.exchange, &dead] {
            let options = ExchangeDeleteOptions::default();
            channel
                .exchange_delete(exchange.as_str().into(), options)
                .await
                .unwrap();
        }
    }
}
