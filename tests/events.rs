//! Events at RabbitMQ: their form, their order, and that none is lost whatever happens to the
//! broker or to an instance (CONTRACT 6).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::support::broker::{Message, amqp_url, amqp_url_through, take_until};
use crate::support::database::Database;
use crate::support::proxy::Proxy;
use crate::support::world::{StartedPayment, Wish, World};

const SOON: Duration = Duration::from_secs(30);

async fn world_with_broker(database: Database, amqp_url: String) -> World {
    let wish = Wish {
        amqp_url: Some(amqp_url),
        ..Wish::default()
    };
    World::with(database, wish).await
}

/// What came, per subject in the order of arrival, a repeated `message_id` dropped as a consumer
/// does. Panics when two different events share an id.
fn by_subject(messages: &[Message]) -> HashMap<String, Vec<(i64, String)>> {
    let mut seen: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut subjects: HashMap<String, Vec<(i64, String)>> = HashMap::new();
    for message in messages {
        let id = message.event["id"].as_str().unwrap();
        if let Some(known) = seen.insert(id, &message.event) {
            assert_eq!(known, &message.event, "one id, two events");
            continue;
        }
        let subject = message.event["subject"].as_str().unwrap().to_owned();
        let sequence = message.event["sequence"].as_i64().unwrap();
        let told = (sequence, message.routing_key.clone());
        subjects.entry(subject).or_default().push(told);
    }
    subjects
}

fn different(messages: &[Message]) -> usize {
    let ids = messages.iter().map(|message| message.event["id"].as_str());
    ids.collect::<HashSet<_>>().len()
}

/// Each of these payments, and nothing else, was told as initiated and then authorised.
#[track_caller]
fn assert_all_told_in_order(messages: &[Message], payments: &[StartedPayment]) {
    let told = by_subject(messages);
    let expected = vec![
        (1, "payment.initiated".to_owned()),
        (2, "payment.authorized".to_owned()),
    ];
    for payment in payments {
        assert_eq!(told.get(&payment.reference), Some(&expected), "{payment:?}");
    }
    assert_eq!(told.len(), payments.len(), "nobody knows the others");
}

mod a_payment_s_events_arrive_in_the_form_of_the_contract {
    use super::*;

    async fn told(database: Database) {
        let world = world_with_broker(database, amqp_url()).await;
        let phone = "+4791234567";
        let payment = world
            .starts(json!({
                "recurring": true, "productSpecCode": "TOTT", "productSpecNo": 1,
                "amount": null, "currency": null, "phoneNumber": phone,
            }))
            .await;
        world.payer_approves(&payment).await;

        let messages = take_until(&world.names.queue, SOON, |all| different(all) == 3).await;

        let types: Vec<&str> = messages.iter().map(|m| m.routing_key.as_str()).collect();
        assert_eq!(types[..2], ["payment.initiated", "payment.authorized"]);
        assert!(types.contains(&"agreement.activated"), "{types:?}");
        for message in &messages {
            assert_form(&world, message);
            let text = message.event.to_string();
            assert!(!text.contains(&phone[3..]), "a phone number: {text}");
        }
        assert_payment_data(&world, &payment, &messages[1].event);
        world.ends().await;
    }

    fn assert_form(world: &World, message: &Message) {
        let (event, properties) = (&message.event, &message.properties);
        let text = |value: &Option<lapin::types::ShortString>| {
            value.as_ref().map(ToString::to_string).unwrap_or_default()
        };
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["type"], message.routing_key.as_str());
        assert_eq!(event["id"], text(properties.message_id()));
        assert_eq!(
            text(properties.content_type()),
            "application/cloudevents+json"
        );
        assert_eq!(*properties.delivery_mode(), Some(2), "persistent");
        assert_eq!(event["source"], world.base.as_str().trim_end_matches('/'));
        assert_eq!(event["datacontenttype"], "application/json");
        assert!(event["sequence"].is_i64(), "{event}");
        let time = event["time"].as_str().unwrap();
        chrono::DateTime::parse_from_rfc3339(time).expect("an RFC 3339 time");
    }

    /// The fields of section 6 and no other.
    fn assert_payment_data(world: &World, payment: &StartedPayment, event: &Value) {
        assert_eq!(event["subject"], payment.reference.as_str());
        assert_eq!(event["sequence"], 2);
        let mut data = event["data"].as_object().unwrap().clone();
        let agreement = data.remove("agreementId");
        assert!(agreement.is_some_and(|id| id.is_string()), "{event}");
        let reference = data.remove("externalReference").unwrap();
        assert!(reference.as_str().unwrap().starts_with("spec-"));
        assert_eq!(
            Value::Object(data),
            json!({
                "mcPayRef": payment.reference,
                "clientCode": world.claims(json!({}))["clientCode"],
                "paymentMethod": "creditcardPayex",
                "status": "authorized",
                "currency": "NOK",
                "amount": "1.00",
                "authorizedAmount": "1.00",
                "capturedAmount": "0.00",
                "refundedAmount": "0.00",
                "cancelledAmount": "0.00",
            })
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn on_sqlite() {
        told(Database::sqlite()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn on_postgresql() {
        told(Database::postgres().await).await;
    }
}

mod a_broker_that_is_away_fails_no_payment_and_gets_everything_later {
    use super::*;

    async fn told(database: Database) {
        let broker = Proxy::start(address_of_the_broker()).await;
        broker.refuse();
        let world = world_with_broker(database, amqp_url_through(&broker)).await;
        let mut payments = Vec::new();
        for _ in 0..5 {
            let payment = world.starts_payment().await;
            world.payer_approves(&payment).await;
            world.becomes(&payment, "success", SOON).await;
            payments.push(payment);
        }
        let ready = world.get("/health/ready").await.expect(200).json();
        let checks = ready["checks"].as_array().unwrap();
        let seen = checks.iter().find(|check| check["name"] == "broker");
        assert_eq!(seen.unwrap()["ok"], false, "told, and not counted: {ready}");

        broker.restore();

        wait_for_queue(&world).await;
        let messages = take_until(&world.names.queue, SOON, |all| different(all) == 10).await;
        assert_all_told_in_order(&messages, &payments);
        world.ends().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn on_sqlite() {
        told(Database::sqlite()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn on_postgresql() {
        told(Database::postgres().await).await;
    }
}

fn address_of_the_broker() -> String {
    let url = url::Url::parse(&amqp_url()).expect("the broker's URL");
    let host = url.host_str().expect("a host");
    format!("{host}:{}", url.port().unwrap_or(5672))
}

/// The queue exists once the service has connected for the first time.
async fn wait_for_queue(world: &World) {
    crate::support::witness::wait_for("the broker is connected", SOON, async || {
        let ready = world.get("/health/ready").await.json();
        let checks = ready["checks"].as_array().unwrap();
        let broker = checks.iter().find(|check| check["name"] == "broker");
        (broker.unwrap()["ok"] == true).then_some(())
    })
    .await;
}

/// Starts a payment whose payer pays by himself, and follows it to success.
async fn is_paid(world: &World) -> StartedPayment {
    let payment = world.starts_payment().await;
    world.payer_approves(&payment).await;
    assert_eq!(world.completes(&payment).await["status"], "success");
    payment
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_broker_that_is_stopped_and_started_during_a_thousand_payments_gets_every_event() {
    const PAYMENTS: usize = 1_000;
    let broker = Proxy::start(address_of_the_broker()).await;
    let world = world_with_broker(Database::postgres().await, amqp_url_through(&broker)).await;
    // Only the broker is in question here: one inquiry for each payment is enough.
    world
        .provider_behaves(json!({ "dropCallbacks": true }))
        .await;
    wait_for_queue(&world).await;
    let paid = AtomicUsize::new(0);

    let payments: Vec<StartedPayment> = stream::iter(0..PAYMENTS)
        .map(async |_| {
            let payment = is_paid(&world).await;
            let before = paid.fetch_add(1, Ordering::SeqCst);
            match before % 200 {
                50 => {
                    // Each cut meets a connection of its own, however long the relay backs off.
                    let back = async || (broker.connections() > before / 200).then_some(());
                    crate::support::witness::wait_for(
                        "the relay is back",
                        Duration::from_secs(60),
                        back,
                    )
                    .await;
                    broker.cut();
                }
                100 => broker.refuse(),
                150 => broker.restore(),
                _ => {}
            }
            payment
        })
        .buffer_unordered(32)
        .collect()
        .await;
    let connections = broker.connections();

    let limit = Duration::from_secs(60);
    let all = |all: &[Message]| all.len() >= 2 * PAYMENTS && different(all) == 2 * PAYMENTS;
    let messages = take_until(&world.names.queue, limit, all).await;
    assert_all_told_in_order(&messages, &payments);
    assert!(
        connections > 3,
        "the broker was lost again and again: {connections}"
    );
    world.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_on_one_database_publish_each_payment_s_events_in_order() {
    const PAYMENTS: usize = 60;
    let wish = Wish {
        amqp_url: Some(amqp_url()),
        without_jobs: true,
        ..Wish::default()
    };
    let world = World::with(Database::postgres().await, wish).await;
    world
        .provider_behaves(json!({ "dropCallbacks": true }))
        .await;
    let first = world.another_instance().await;
    let second = world.another_instance().await;
    let mut leaving = Some(first);
    let mut payments = Vec::new();
    for number in 0..PAYMENTS {
        let payment = world.starts_payment().await;
        world.payer_approves(&payment).await;
        let answer = match &leaving {
            Some(first) if number % 2 == 0 => first.completes(&payment).await,
            _ => second.completes(&payment).await,
        };
        assert_eq!(answer["status"], "success");
        payments.push(payment);
        // The one that publishes goes, and the other takes over.
        if number == PAYMENTS / 2
            && let Some(first) = leaving.take()
        {
            first.ends().await;
        }
    }

    let all = |all: &[Message]| different(all) == 2 * PAYMENTS;
    let messages = take_until(&world.names.queue, SOON, all).await;
    assert_all_told_in_order(&messages, &payments);
    second.ends().await;
    world.ends().await;
}
