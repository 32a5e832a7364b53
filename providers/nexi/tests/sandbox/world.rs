//! A sandbox on a port of its own, a merchant who calls it, and an address for its webhooks. Every
//! answer of the API is held against the documents as it comes in.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode as ActixStatus;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use mcpay_nexi::{Sandbox, SandboxAccount, SandboxOptions};
use reqwest::{Method, Response, redirect};
use serde_json::{Value, json};

use crate::proof;

pub const SECRET_KEY: &str = "demo-only-nexi-secret-key";
pub const CHECKOUT_KEY: &str = "demo-only-nexi-checkout-key";
pub const OTHER_SECRET_KEY: &str = "secret-key-of-another-merchant";
pub const AUTHORIZATION: &str = "AbCdEf0123456789";

pub const GOOD: &str = "4925000000000004";
pub const SECURE: &str = "4268270087374847";
pub const DECLINED: &str = "4925000000000087";
pub const CHARGE_FAILS: &str = "4925000000000079";
pub const REFUND_FAILS: &str = "4925000000000061";

/// The magic amounts.
pub const DECLINED_AMOUNT: i64 = 900_361;
pub const HARD_DECLINED_AMOUNT: i64 = 900_362;
pub const PENDING_REFUND: i64 = 900_377;

/// A webhook that arrived: its `Authorization` and its body.
pub type Arrived = (String, Value);

/// What the address of the webhooks answers next, and what has arrived there.
#[derive(Clone, Default)]
pub struct Shop {
    pub answers: Arc<Mutex<Vec<u16>>>,
    pub arrived: Arc<Mutex<Vec<Arrived>>>,
}

pub struct World {
    pub base: String,
    pub http: reqwest::Client,
    pub shop: Shop,
    pub sandbox: Sandbox,
    server: ServerHandle,
}

impl Drop for World {
    fn drop(&mut self) {
        // The server's threads end by themselves; nobody waits for them in a test.
        drop(self.server.stop(false));
    }
}

async fn receive(shop: web::Data<Shop>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let authorization = request.headers().get("authorization").unwrap();
    let authorization = authorization.to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&body).unwrap();
    shop.arrived.lock().unwrap().push((authorization, body));
    let answer = shop.answers.lock().unwrap().pop().unwrap_or(200);
    HttpResponse::build(ActixStatus::from_u16(answer).unwrap()).finish()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

fn account(secret_key: &str, checkout_key: &str) -> SandboxAccount {
    SandboxAccount {
        secret_key: secret_key.to_owned(),
        checkout_key: checkout_key.to_owned(),
    }
}

pub fn world() -> World {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/sandbox/nexi", listener.local_addr().unwrap());
    let sandbox = Sandbox::new(SandboxOptions {
        public_url: base.parse().unwrap(),
        accounts: vec![
            account(SECRET_KEY, CHECKOUT_KEY),
            account(OTHER_SECRET_KEY, "another-checkout-key"),
        ],
        retry_second: Duration::from_millis(2),
        http: http(),
    });
    let shop = Shop::default();
    let (shared, data) = (sandbox.clone(), web::Data::new(shop.clone()));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/shop/hook", web::post().to(receive))
            .service(shared.routes("/sandbox/nexi"))
    })
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
        shop,
        sandbox,
        server: handle,
    }
}

/// A line without VAT.
pub fn item(amount: i64) -> Value {
    json!({
        "reference": "sku-1", "name": "A month of news", "quantity": 1, "unit": "pcs",
        "unitPrice": amount, "netTotalAmount": amount, "grossTotalAmount": amount,
    })
}

fn body(reference: &str, amount: i64, checkout: &Value) -> Value {
    json!({
        "order": {
            "items": [item(amount)], "amount": amount, "currency": "NOK", "reference": reference,
        },
        "checkout": checkout,
        "myReference": reference,
    })
}

/// An order of a shop whose page has a query of its own.
pub fn embedded(reference: &str, amount: i64) -> Value {
    let checkout = json!({
        "integrationType": "EmbeddedCheckout",
        "url": "https://shop.example/pay?order=7",
        "termsUrl": "https://shop.example/terms",
    });
    body(reference, amount, &checkout)
}

pub fn hosted(reference: &str, amount: i64) -> Value {
    let checkout = json!({
        "integrationType": "HostedPaymentPage",
        "returnUrl": "https://shop.example/done?order=7",
        "cancelUrl": "https://shop.example/cancel?order=7",
        "termsUrl": "https://shop.example/terms",
    });
    body(reference, amount, &checkout)
}

pub fn text<'a>(body: &'a Value, pointer: &str) -> &'a str {
    let found = body.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {body:#}"))
}

/// The names of the fields that were refused.
pub fn wrong_fields(body: &Value) -> Vec<&str> {
    let errors = body["errors"].as_object();
    let errors = errors.unwrap_or_else(|| panic!("no errors in {body:#}"));
    errors.keys().map(String::as_str).collect()
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
    /// A call with a key; every answer must be one that Nexi documents.
    pub async fn call_with(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method.clone(), url);
        request = request.header("Authorization", SECRET_KEY);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await.unwrap();
        let body = (!bytes.is_empty()).then(|| serde_json::from_slice(&bytes).unwrap());
        proof::check(method.as_str(), path, status, body.as_ref());
        (status, body.unwrap_or(Value::Null))
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call_with(Method::POST, path, None, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.call_with(Method::PUT, path, None, body).await
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.call_with(Method::GET, path, None, None).await
    }

    /// The id of a payment that nobody has paid.
    pub async fn open(&self, body: &Value) -> String {
        let (status, answer) = self.post("/v1/payments", body).await;
        assert_eq!(status, 201, "{answer:#}");
        text(&answer, "/paymentId").to_owned()
    }

    /// The id of a payment that is approved.
    pub async fn paid(&self, body: &Value) -> String {
        let id = self.open(body).await;
        let (status, answer) = self.payer(text(body, "/myReference"), "approve").await;
        assert_eq!(status, 200, "{answer:#}");
        id
    }

    /// The id of a payment that was paid with this card.
    pub async fn paid_with(&self, body: &Value, card: &str) -> String {
        let (status, answer) = self.post("/v1/payments", body).await;
        assert_eq!(status, 201, "{answer:#}");
        let page = text(&answer, "/hostedPaymentPageUrl");
        let answered = self.form(page, &card_form(card)).await;
        assert_eq!(answered.status(), 303);
        text(&answer, "/paymentId").to_owned()
    }

    pub async fn read(&self, id: &str) -> Value {
        let (status, body) = self.get(&format!("/v1/payments/{id}")).await;
        assert_eq!(status, 200, "{body:#}");
        body["payment"].clone()
    }

    pub async fn payer(&self, reference: &str, action: &str) -> (u16, Value) {
        let path = format!("/_payer/{reference}");
        self.own(Method::POST, &path, &json!({ "action": action }))
            .await
    }

    pub async fn control(&self, change: &Value) {
        assert_eq!(self.own(Method::PUT, "/_control", change).await.0, 200);
    }

    pub async fn move_clock(&self, seconds: i64) {
        let offset = json!({ "offsetSeconds": seconds });
        assert_eq!(self.own(Method::PUT, "/_clock", &offset).await.0, 200);
    }

    /// A call that is not Nexi's.
    pub async fn own(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let answer = request.json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Sends a form of a page.
    pub async fn form(&self, url: &str, form: &str) -> Response {
        let request = self.http.post(url);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.body(form.to_owned()).send().await.unwrap()
    }

    pub fn hooks(&self, events: &[&str]) -> Value {
        let url = self.base.replace("/sandbox/nexi", "/shop/hook");
        let hook = |event: &&str| json!({ "eventName": event, "url": url, "authorization": AUTHORIZATION });
        json!({ "webHooks": events.iter().map(hook).collect::<Vec<_>>() })
    }

    /// Waits until so many webhooks have arrived.
    pub async fn arrived(&self, count: usize) -> Vec<Value> {
        until("the webhooks", async || {
            let arrived = self.shop.arrived.lock().unwrap();
            let bodies = arrived.iter().map(|(_, body)| body.clone());
            (arrived.len() >= count).then(|| bodies.collect())
        })
        .await
    }
}

pub fn card_form(number: &str) -> String {
    format!("number={number}&expiry=12%2F33&cvc=123")
}

pub fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().unwrap()
}
