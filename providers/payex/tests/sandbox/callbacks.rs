//! Callbacks: what they say, that they come again, and the tricks of the controls.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

use super::world::{World, pointer, purchase, transaction, until, world};

/// A shop's callback address: refuses the first few, and remembers everything.
#[derive(Clone)]
struct Shop {
    url: String,
    got: Arc<Mutex<Vec<Value>>>,
}

fn shop(refusals: usize) -> Shop {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/callback?key=secret",
        listener.local_addr().unwrap()
    );
    let shop = Shop {
        url,
        got: Arc::default(),
    };
    let got = Arc::clone(&shop.got);
    let server = HttpServer::new(move || {
        let got = Arc::clone(&got);
        App::new().route(
            "/callback",
            web::post().to(move |body: web::Json<Value>| {
                let mut got = got.lock().unwrap();
                got.push(body.into_inner());
                let refused = got.len() <= refusals;
                async move {
                    if refused {
                        HttpResponse::ServiceUnavailable().finish()
                    } else {
                        HttpResponse::NoContent().finish()
                    }
                }
            }),
        )
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .unwrap()
    .run();
    tokio::spawn(server);
    shop
}

impl Shop {
    async fn callbacks(&self, count: usize) -> Vec<Value> {
        until(&format!("{count} callbacks"), async || {
            let got = self.got.lock().unwrap();
            (got.len() >= count).then(|| got.clone())
        })
        .await
    }
}

async fn open(world: &World, shop: &Shop) -> Value {
    let mut order = purchase("A1");
    order["urls"]["callbackUrl"] = json!(shop.url);
    world.open(&order).await
}

fn number(callback: &Value) -> i64 {
    pointer(callback, "/paymentOrder/number").as_i64().unwrap()
}

#[tokio::test]
async fn every_attempt_and_transaction_is_told_with_its_number() {
    let (world, shop) = (world().await, shop(0));
    let order = open(&world, &shop).await;
    world.payer("order-A1", "decline").await;
    let failed = shop.callbacks(1).await;
    world.payer("order-A1", "approve").await;
    shop.callbacks(2).await;
    let paid = world.read(&order).await;
    world.post(&paid, "capture", &transaction("C1", 500)).await;
    let told = shop.callbacks(3).await;
    let id = pointer(&order, "/paymentOrder/id");
    for callback in &told {
        assert_eq!(callback["orderReference"], "order-A1");
        assert_eq!(pointer(callback, "/paymentOrder/id"), id);
        assert_eq!(pointer(callback, "/paymentOrder/instrument"), "CreditCard");
    }
    let now = world.read(&order).await;
    let list = "/paymentOrder/failedAttempts/failedAttemptList/0/number";
    assert_eq!(number(&failed[0]), pointer(&now, list).as_i64().unwrap());
    assert_eq!(
        number(&told[1]),
        pointer(&now, "/paymentOrder/paid/number").as_i64().unwrap()
    );
    let list = "/paymentOrder/financialTransactions/financialTransactionsList/0/number";
    assert_eq!(number(&told[2]), pointer(&now, list).as_i64().unwrap());
}

#[tokio::test]
async fn a_callback_is_tried_again_until_it_is_taken_and_then_not_any_more() {
    let (world, shop) = (world().await, shop(3));
    open(&world, &shop).await;
    world.payer("order-A1", "approve").await;
    let told = shop.callbacks(4).await;
    assert!(told.iter().all(|callback| callback == &told[0]));
    // The background task has ended, so there is nothing left to stop and nothing more to come.
    world.sandbox.shutdown().await;
    assert_eq!(shop.got.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn dropped_callbacks_never_come() {
    let (world, shop) = (world().await, shop(0));
    world.control(&json!({ "dropCallbacks": true })).await;
    let order = open(&world, &shop).await;
    world.payer("order-A1", "approve").await;
    world.control(&json!({ "dropCallbacks": false })).await;
    let paid = world.read(&order).await;
    world.post(&paid, "capture", &transaction("C1", 500)).await;
    let told = shop.callbacks(1).await;
    assert_ne!(
        number(&told[0]),
        pointer(&paid, "/paymentOrder/paid/number")
            .as_i64()
            .unwrap()
    );
}

#[tokio::test]
async fn duplicated_callbacks_come_twice() {
    let (world, shop) = (world().await, shop(0));
    world.control(&json!({ "duplicateCallbacks": true })).await;
    open(&world, &shop).await;
    world.payer("order-A1", "approve").await;
    let told = shop.callbacks(2).await;
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn reordered_callbacks_come_the_later_one_first() {
    let (world, shop) = (world().await, shop(0));
    world.control(&json!({ "reorderCallbacks": true })).await;
    open(&world, &shop).await;
    world.payer("order-A1", "decline").await;
    world.payer("order-A1", "approve").await;
    let told = shop.callbacks(2).await;
    assert!(number(&told[0]) > number(&told[1]));
}

#[tokio::test]
async fn a_stopped_sandbox_sends_nothing_more() {
    let (world, shop) = (world().await, shop(0));
    world.control(&json!({ "callbackDelayMs": 60_000 })).await;
    open(&world, &shop).await;
    world.payer("order-A1", "approve").await;
    world.sandbox.shutdown().await;
    assert!(shop.got.lock().unwrap().is_empty());
}
