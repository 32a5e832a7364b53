//! A sandbox on a port of its own, and a client that speaks version 3.1 to it.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use actix_web::{App, HttpServer, dev::ServerHandle};
use mcpay_payex::{Sandbox, SandboxOptions};
use reqwest::{Method, Response, StatusCode, redirect};
use serde_json::{Value, json};

pub const PAYEE: &str = "5cabf558-5283-482f-b252-4d58e06f6f3b";
pub const TOKEN: &str = "token-of-the-first-account";
pub const OTHER_PAYEE: &str = "8d0f9cb0-7d4a-4ef0-94b0-2f8f1a6f0d11";
pub const OTHER_TOKEN: &str = "token-of-the-second-account";

pub struct World {
    pub base: String,
    pub http: reqwest::Client,
    pub sandbox: Sandbox,
    server: ServerHandle,
}

impl Drop for World {
    fn drop(&mut self) {
        // The server's threads end by themselves; nobody waits for them in a test.
        drop(self.server.stop(false));
    }
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

pub async fn world() -> World {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/sandbox/payex", listener.local_addr().unwrap());
    let sandbox = Sandbox::new(SandboxOptions {
        public_url: base.parse().unwrap(),
        payees: vec![
            (PAYEE.to_owned(), TOKEN.to_owned()),
            (OTHER_PAYEE.to_owned(), OTHER_TOKEN.to_owned()),
        ],
        retry_second: Duration::from_millis(2),
        http: http(),
    });
    let shared = sandbox.clone();
    let server = HttpServer::new(move || App::new().service(shared.routes("/sandbox/payex")))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    World {
        base,
        http: http(),
        sandbox,
        server: handle,
    }
}

/// A purchase of 15.00 for a redirect, as a merchant sends it.
pub fn purchase(reference: &str) -> Value {
    json!({
        "operation": "Purchase",
        "currency": "NOK",
        "amount": 1500,
        "vatAmount": 300,
        "description": "A month of news",
        "userAgent": "Mozilla/5.0",
        "language": "nb-NO",
        "urls": {
            "hostUrls": ["https://shop.example"],
            "completeUrl": "https://shop.example/complete?order=7",
            "cancelUrl": "https://shop.example/cancel?order=7",
        },
        "payeeInfo": {
            "payeeId": PAYEE,
            "payeeReference": reference,
            "payeeName": "Shop",
            "orderReference": format!("order-{reference}"),
        },
    })
}

/// The body of a capture or reversal.
pub fn transaction(reference: &str, amount: i64) -> Value {
    json!({
        "transaction": {
            "description": "Something done",
            "amount": amount,
            "vatAmount": 0,
            "payeeReference": reference,
        },
    })
}

pub fn pointer<'a>(body: &'a Value, path: &str) -> &'a Value {
    body.pointer(path)
        .unwrap_or_else(|| panic!("no {path} in {body:#}"))
}

pub fn rels(body: &Value) -> Vec<&str> {
    let links = pointer(body, "/operations").as_array().unwrap();
    let mut rels: Vec<&str> = links
        .iter()
        .map(|link| link["rel"].as_str().unwrap())
        .collect();
    rels.sort_unstable();
    rels
}

pub fn href(body: &Value, rel: &str) -> String {
    let links = pointer(body, "/operations").as_array().unwrap();
    let link = links.iter().find(|link| link["rel"] == rel);
    link.unwrap_or_else(|| panic!("no {rel} in {links:?}"))["href"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The names of a problem's fields.
pub fn wrong_fields(problem: &Value) -> Vec<&str> {
    let entries = pointer(problem, "/problems").as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect()
}

/// Asks until the answer is there.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl World {
    pub fn url(&self, path: &str) -> String {
        if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let mut request = self
            .http
            .request(method, self.url(path))
            .bearer_auth(TOKEN)
            .header("User-Agent", "shop/1.0")
            .header("Accept", "application/json;version=3.1");
        if let Some(body) = body {
            request = request
                .header("Content-Type", "application/json;version=3.1")
                .body(body.to_string());
        }
        request.send().await.unwrap()
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let answer = self.send(method, path, body).await;
        (answer.status(), answer.json().await.unwrap())
    }

    pub async fn create(&self, order: &Value) -> (StatusCode, Value) {
        let body = json!({ "paymentorder": order });
        self.call(Method::POST, "/psp/paymentorders", Some(&body))
            .await
    }

    /// An order that is open.
    pub async fn open(&self, order: &Value) -> Value {
        let (status, body) = self.create(order).await;
        assert_eq!(status, 201, "{body:#}");
        body
    }

    /// An order that is paid.
    pub async fn paid(&self, order: &Value) -> Value {
        let body = self.open(order).await;
        let reference = order["payeeInfo"]["orderReference"].as_str().unwrap();
        let (status, answer) = self.payer(reference, "approve").await;
        assert_eq!(
            (status, &answer["status"]),
            (StatusCode::OK, &json!("Paid"))
        );
        self.read(&body).await
    }

    /// What the order is now, with everything that the tests look at.
    pub async fn read(&self, order: &Value) -> Value {
        let id = pointer(order, "/paymentOrder/id").as_str().unwrap();
        let path = format!(
            "{id}?$expand=paid,failed,aborted,cancelled,reversed,failedattempts,\
             postpurchasefailedattempts,financialtransactions,history"
        );
        let (status, body) = self.call(Method::GET, &path, None).await;
        assert_eq!(status, 200, "{body:#}");
        body
    }

    pub async fn post(&self, order: &Value, rel: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::POST, &href(order, rel), Some(body)).await
    }

    pub async fn patch(&self, order: &Value, change: &Value) -> (StatusCode, Value) {
        let id = pointer(order, "/paymentOrder/id").as_str().unwrap();
        self.call(Method::PATCH, id, Some(&json!({ "paymentorder": change })))
            .await
    }

    pub async fn payer(&self, reference: &str, action: &str) -> (StatusCode, Value) {
        let url = self.url(&format!("/_payer/{reference}"));
        let answer = self
            .http
            .post(url)
            .json(&json!({ "action": action }))
            .send()
            .await
            .unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    pub async fn control(&self, change: &Value) -> (StatusCode, Value) {
        let answer = self
            .http
            .put(self.url("/_control"))
            .json(change)
            .send()
            .await
            .unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// The calls recorded for a payment: operation and status.
    pub async fn calls(&self, reference: &str) -> Vec<(String, u64)> {
        let url = self.url(&format!("/_calls?reference={reference}"));
        let list: Vec<Value> = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        list.iter()
            .map(|call| {
                (
                    call["operation"].as_str().unwrap().to_owned(),
                    call["status"].as_u64().unwrap(),
                )
            })
            .collect()
    }
}
