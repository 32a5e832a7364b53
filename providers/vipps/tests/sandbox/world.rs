//! A sandbox on a port of its own, and a merchant who calls it.

use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpServer, dev::ServerHandle};
use chrono::{Days, Utc};
use mcpay_port::Currency;
use mcpay_vipps::{Sandbox, SandboxAccount, SandboxOptions};
use reqwest::{Method, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};

use super::contract;

pub const UNIT: &str = "123456";
pub const KEY: &str = "subscription-key-of-the-first";
pub const OTHER_UNIT: &str = "654321";

pub struct World {
    pub base: String,
    pub http: reqwest::Client,
    token: Mutex<String>,
    keys: AtomicUsize,
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
        .no_proxy()
        .build()
        .unwrap()
}

pub fn account(name: &str, unit: &str) -> SandboxAccount {
    SandboxAccount {
        client_id: format!("client-id-of-the-{name}"),
        client_secret: format!("client-secret-of-the-{name}"),
        subscription_key: format!("subscription-key-of-the-{name}"),
        merchant_serial_number: unit.to_owned(),
        currency: Currency::NOK,
        unscheduled: name == "first",
    }
}

/// A sandbox with two sales units, and the token of the first.
pub async fn world() -> World {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/sandbox/vipps", listener.local_addr().unwrap());
    let sandbox = Sandbox::new(SandboxOptions {
        public_url: base.parse().unwrap(),
        accounts: vec![account("first", UNIT), account("second", OTHER_UNIT)],
        retry_second: Duration::from_millis(2),
        http: http(),
    });
    let server = HttpServer::new(move || App::new().service(sandbox.routes("/sandbox/vipps")))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    let world = World {
        base,
        http: http(),
        token: Mutex::default(),
        keys: AtomicUsize::new(0),
        server: handle,
    };
    world.renew_token().await;
    world
}

/// A payment of 499.00, as a merchant sends it.
pub fn payment(reference: &str) -> Value {
    json!({
        "amount": { "currency": "NOK", "value": 49_900 },
        "customer": { "phoneNumber": "4791234567" },
        "paymentMethod": { "type": "WALLET" },
        "reference": reference,
        "returnUrl": "https://shop.example/back?order=7",
        "userFlow": "WEB_REDIRECT",
        "paymentDescription": "A month of news",
    })
}

/// An agreement of 499.00 a month, with a first payment of 1.00 that is reserved.
pub fn draft(reference: &str) -> Value {
    json!({
        "pricing": { "type": "LEGACY", "amount": 49_900, "currency": "NOK" },
        "interval": { "unit": "MONTH", "count": 1 },
        "merchantRedirectUrl": "https://shop.example/back",
        "merchantAgreementUrl": "https://shop.example/account",
        "productName": "A month of news",
        "initialCharge": {
            "amount": 10_000, "description": "First month", "transactionType": "RESERVE_CAPTURE",
            "orderId": format!("{reference}-first"), "externalId": reference,
        },
        "externalId": reference,
    })
}

/// A charge of 499.00 that is due in two days.
pub fn charge(id: &str) -> Value {
    let due = Utc::now()
        .date_naive()
        .checked_add_days(Days::new(2))
        .unwrap();
    json!({
        "amount": 49_900, "transactionType": "DIRECT_CAPTURE", "type": "RECURRING",
        "description": "October", "due": due.to_string(), "retryDays": 2,
        "orderId": id, "externalId": format!("order-{id}"),
    })
}

pub fn amount(value: i64) -> Value {
    json!({ "modificationAmount": { "currency": "NOK", "value": value } })
}

pub fn part(amount: i64) -> Value {
    json!({ "amount": amount, "description": "Something done" })
}

/// The codes or names in a problem's details.
pub fn reasons(problem: &Value) -> Vec<&str> {
    let details = problem["extraDetails"].as_array().unwrap().iter();
    details
        .map(|detail| match detail["name"].as_str().unwrap() {
            "ErrorCode" => detail["reason"].as_str().unwrap(),
            name => name,
        })
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
        format!("{}{path}", self.base)
    }

    pub fn token_request(&self, name: &str) -> RequestBuilder {
        let account = account(name, UNIT);
        self.http
            .post(self.url("/accesstoken/get"))
            .header("client_id", account.client_id)
            .header("client_secret", account.client_secret)
            .header("Ocp-Apim-Subscription-Key", account.subscription_key)
            .header("Content-Length", "0")
    }

    pub async fn renew_token(&self) {
        let answer = self.token_request("first").send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        let token = body["access_token"].as_str().unwrap();
        token.clone_into(&mut self.token.lock().unwrap());
    }

    /// A call with every header but the key.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(path))
            .bearer_auth(self.token.lock().unwrap().clone())
            .header("Ocp-Apim-Subscription-Key", KEY)
            .header("Merchant-Serial-Number", UNIT)
    }

    fn new_key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::SeqCst))
    }

    /// A call with a key of its own; its answer is held against the provider's file.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let key = self.new_key();
        self.call_with_key(method, path, body, &key).await
    }

    pub async fn call_with_key(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: &str,
    ) -> (StatusCode, Value) {
        let mut request = self
            .request(method.clone(), path)
            .header("Idempotency-Key", key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let (status, answer) = read(request.send().await.unwrap()).await;
        contract::check(&method, path, status, &answer);
        (status, answer)
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "{body:#}");
        body
    }

    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn create(&self, payment: &Value) -> (StatusCode, Value) {
        self.post("/epayment/v1/payments", payment).await
    }

    /// A payment that is authorised.
    pub async fn authorized(&self, reference: &str) {
        let (status, body) = self.create(&payment(reference)).await;
        assert_eq!(status, 201, "{body:#}");
        self.payer(reference, "approve").await;
    }

    pub async fn payment(&self, reference: &str) -> Value {
        self.get(&format!("/epayment/v1/payments/{reference}"))
            .await
    }

    /// Drafts an agreement, and tells its path.
    pub async fn drafted(&self, draft: &Value) -> String {
        let (status, body) = self.post("/recurring/v3/agreements", draft).await;
        assert_eq!(status, 201, "{body:#}");
        format!(
            "/recurring/v3/agreements/{}",
            body["agreementId"].as_str().unwrap()
        )
    }

    /// An agreement that is active.
    pub async fn agreement(&self, reference: &str) -> String {
        let path = self.drafted(&draft(reference)).await;
        self.payer(reference, "approve").await;
        path
    }

    pub async fn payer(&self, reference: &str, action: &str) -> (StatusCode, Value) {
        let path = format!("/_payer/{reference}");
        self.control(Method::POST, &path, &json!({ "action": action }))
            .await
    }

    /// Moves the clock, and gets a token that lives then.
    pub async fn clock(&self, seconds: i64) {
        let (status, _) = self
            .control(Method::PUT, "/_clock", &json!({ "offsetSeconds": seconds }))
            .await;
        assert_eq!(status, 200);
        self.renew_token().await;
    }

    pub async fn control(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.http.request(method, self.url(path)).json(body);
        read(request.send().await.unwrap()).await
    }

    /// The calls recorded for a payment: operation and status.
    pub async fn calls(&self, reference: &str) -> Vec<(String, u64)> {
        let url = self.url(&format!("/_calls?reference={reference}"));
        let (_, list) = read(self.http.get(url).send().await.unwrap()).await;
        let calls = list.as_array().unwrap().iter();
        calls
            .map(|call| {
                let name = call["operation"].as_str().unwrap().to_owned();
                (name, call["status"].as_u64().unwrap())
            })
            .collect()
    }
}

/// Status and body; null where there is none.
pub async fn read(answer: Response) -> (StatusCode, Value) {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}
