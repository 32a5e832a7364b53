//! Webhooks: how an address is registered, what comes to it, in which order, and that it is signed.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use super::world::{World, amount, draft, part, payment, until, world};

/// A webhook as it came.
#[derive(Clone)]
struct Got {
    headers: Vec<(String, String)>,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name}")).1
    }

    fn name(&self) -> String {
        let event: Value = serde_json::from_str(&self.body).unwrap();
        let name = event.get("name").or(event.get("eventType"));
        name.unwrap().as_str().unwrap().to_owned()
    }
}

#[derive(Clone)]
struct Shop {
    host: String,
    got: Arc<Mutex<Vec<Got>>>,
}

/// A merchant's address that refuses the first few.
fn shop(refusals: usize) -> Shop {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let shop = Shop {
        host,
        got: Arc::default(),
    };
    let got = Arc::clone(&shop.got);
    let server = HttpServer::new(move || {
        let got = Arc::clone(&got);
        let take = move |request: HttpRequest, body: String| {
            let headers = request.headers().iter();
            let headers = headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect();
            let mut got = got.lock().unwrap();
            got.push(Got { headers, body });
            let status = if got.len() <= refusals { 503 } else { 204 };
            async move { HttpResponse::new(StatusCode::from_u16(status).unwrap()) }
        };
        App::new().route("/hook", web::post().to(take))
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
    async fn got(&self, count: usize) -> Vec<Got> {
        until(&format!("{count} webhooks"), async || {
            let got = self.got.lock().unwrap();
            (got.len() >= count).then(|| got.clone())
        })
        .await
    }

    async fn names(&self, count: usize) -> Vec<String> {
        self.got(count).await.iter().map(Got::name).collect()
    }

    async fn register(&self, world: &World, events: &[&str]) -> Value {
        let url = format!("http://{}/hook?account=7", self.host);
        let body = json!({ "url": url, "events": events });
        let (status, body) = world.post("/webhooks/v1/webhooks", &body).await;
        assert_eq!(status, 201, "{body:#}");
        body
    }
}

const PAYMENT: [&str; 3] = [
    "epayments.payment.created.v1",
    "epayments.payment.authorized.v1",
    "epayments.payment.captured.v1",
];

#[tokio::test]
async fn an_address_is_registered_listed_without_its_secret_and_removed() {
    let world = world().await;
    let registered = shop(0).register(&world, &PAYMENT).await;
    let list = world.get("/webhooks/v1/webhooks").await;
    let one = &list["webhooks"][0];
    assert_eq!(
        (&one["id"], &one["events"]),
        (&registered["id"], &json!(PAYMENT))
    );
    assert!(one.get("secret").is_none() && registered["secret"].is_string());
    let path = format!(
        "/webhooks/v1/webhooks/{}",
        registered["id"].as_str().unwrap()
    );
    assert_eq!(world.call(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(world.call(Method::DELETE, &path, None).await.0, 404);
    assert_eq!(
        world.get("/webhooks/v1/webhooks").await,
        json!({ "webhooks": [] })
    );
}

#[tokio::test]
async fn a_bad_address_an_unknown_event_and_the_26th_of_an_event_are_refused() {
    let world = world().await;
    for body in [
        json!({ "url": "http://shop.example/hook", "events": PAYMENT }),
        json!({ "url": "https://shop.example/hook", "events": [] }),
        json!({ "url": "https://shop.example/hook", "events": ["epayments.payment.v1"] }),
        json!({ "events": PAYMENT }),
        json!({ "url": "https://shop.example/hook", "events": PAYMENT, "secret": "mine" }),
    ] {
        assert_eq!(
            world.post("/webhooks/v1/webhooks", &body).await.0,
            400,
            "{body}"
        );
    }
    let good = json!({ "url": "https://shop.example/hook", "events": PAYMENT });
    for _ in 0..25 {
        assert_eq!(world.post("/webhooks/v1/webhooks", &good).await.0, 201);
    }
    assert_eq!(world.post("/webhooks/v1/webhooks", &good).await.0, 400);
}

#[tokio::test]
async fn a_webhook_is_signed_over_the_registered_address() {
    let (world, shop) = (world().await, shop(0));
    let secret = shop.register(&world, &PAYMENT).await["secret"].clone();
    world.create(&payment("order-0001")).await;
    let got = shop.got(1).await.remove(0);
    let hash = BASE64_STANDARD.encode(digest(&SHA256, got.body.as_bytes()));
    assert_eq!(got.header("x-ms-content-sha256"), hash);
    let (date, host) = (got.header("x-ms-date"), &shop.host);
    assert_eq!(got.header("host"), host);
    let text = format!("POST\n/hook?account=7\n{date};{host};{hash}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_str().unwrap().as_bytes());
    let signature = BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()));
    let start = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=";
    assert_eq!(got.header("authorization"), format!("{start}{signature}"));
    let event: Value = serde_json::from_str(&got.body).unwrap();
    let told = (
        &event["msn"],
        &event["reference"],
        &event["amount"]["value"],
    );
    assert_eq!(
        told,
        (&json!("123456"), &json!("order-0001"), &json!(49_900))
    );
    assert!(
        event.get("eventType").is_none(),
        "the full type is not in it"
    );
}

#[tokio::test]
async fn one_that_is_not_taken_comes_again_and_holds_back_those_after_it() {
    let (world, shop) = (world().await, shop(2));
    shop.register(&world, &PAYMENT).await;
    world.authorized("order-0001").await;
    world
        .post("/epayment/v1/payments/order-0001/capture", &amount(100))
        .await;
    let names = shop.names(5).await;
    assert_eq!(
        names,
        ["CREATED", "CREATED", "CREATED", "AUTHORIZED", "CAPTURED"]
    );
}

#[tokio::test]
async fn agreements_and_charges_are_told_with_their_full_type_to_who_asked() {
    let (world, shop) = (world().await, shop(0));
    let events = [
        "recurring.agreement-activated.v1",
        "recurring.agreement-rejected.v1",
        "recurring.agreement-stopped.v1",
        "recurring.charge-captured.v1",
        "recurring.charge-canceled.v1",
    ];
    shop.register(&world, &events).await;
    let path = world.agreement("order-0001").await;
    assert_eq!(shop.names(1).await, [events[0]]);
    let first = format!("{path}/charges/order-0001-first");
    world.post(&format!("{first}/capture"), &part(4_000)).await;
    assert_eq!(shop.names(2).await[1], events[3]);
    world.call(Method::DELETE, &first, None).await;
    assert_eq!(shop.names(3).await[2], events[4]);
    let got = shop.got(3).await.remove(2);
    let event: Value = serde_json::from_str(&got.body).unwrap();
    let amounts = [
        "amount",
        "amountCaptured",
        "amountCanceled",
        "amountRefunded",
    ];
    assert_eq!(
        amounts.map(|name| event[name].as_i64().unwrap()),
        [10_000, 4_000, 6_000, 0]
    );
    assert_eq!(
        (&event["chargeExternalId"], &event["chargeType"]),
        (&json!("order-0001"), &json!("INITIAL"))
    );
    world
        .call(Method::PATCH, &path, Some(&json!({ "status": "STOPPED" })))
        .await;
    let got = shop.got(4).await.remove(3);
    let event: Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(
        (&event["eventType"], &event["actor"]),
        (&json!(events[2]), &json!("MERCHANT"))
    );
    world.drafted(&draft("order-0002")).await;
    world.payer("order-0002", "cancel").await;
    let names = shop.names(6).await;
    assert!(names[4..].contains(&events[1].to_owned()), "{names:?}");
    world.agreement("order-0003").await;
    world.payer("order-0003", "cancel").await;
    let got = shop.got(8).await;
    let told: Vec<Value> = got[6..]
        .iter()
        .map(|got| serde_json::from_str(&got.body).unwrap())
        .collect();
    let by_payer = |event: &Value| event["eventType"] == events[2] && event["actor"] == "USER";
    assert!(told.iter().any(by_payer), "{told:?}");
}
