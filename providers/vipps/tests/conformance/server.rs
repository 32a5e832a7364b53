//! The sandbox and the merchant's address on one port, with a network between that can fail.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::Service;
use actix_web::http::Method;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use mcpay_port::{Account, Currency};
use mcpay_vipps::{Sandbox, SandboxAccount, SandboxOptions};
use serde_json::Value;
use url::Url;

pub const CLIENT_ID: &str = "conformance-client-id";
pub const SECRET: &str = "conformance-client-secret";
pub const KEY: &str = "conformance-subscription-key";
pub const UNIT: &str = "123456";
const PATH: &str = "/sandbox/vipps";

/// A webhook as it came.
#[derive(Clone)]
pub struct Posted {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What the server and the test share.
#[derive(Clone, Default)]
struct Shared {
    lose_next_answer: Arc<AtomicBool>,
    posted: Arc<Mutex<Vec<Posted>>>,
}

pub struct Server {
    pub base: Url,
    unscheduled: bool,
    shared: Shared,
    http: reqwest::Client,
}

async fn receive(
    shared: web::Data<Shared>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let headers = request.headers().iter();
    let headers = headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let body = body.to_vec();
    shared.posted.lock().unwrap().push(Posted { headers, body });
    HttpResponse::Ok().finish()
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

pub fn start(unscheduled: bool) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base: Url = format!("http://{}{PATH}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let sandbox = Sandbox::new(SandboxOptions {
        public_url: base.clone(),
        accounts: vec![SandboxAccount {
            client_id: CLIENT_ID.to_owned(),
            client_secret: SECRET.to_owned(),
            subscription_key: KEY.to_owned(),
            merchant_serial_number: UNIT.to_owned(),
            currency: Currency::NOK,
            unscheduled,
        }],
        retry_second: Duration::from_millis(10),
        http: http(),
    });
    let shared = Shared::default();
    let data = web::Data::new(shared.clone());
    let server = HttpServer::new(move || {
        let lose = Arc::clone(&data.lose_next_answer);
        App::new()
            .app_data(data.clone())
            .route("/hook", web::post().to(receive))
            .service(sandbox.routes(PATH))
            .wrap_fn(move |request, service| {
                let changes = [Method::POST, Method::PATCH, Method::DELETE];
                let is_api = ["/epayment/", "/recurring/"]
                    .iter()
                    .any(|api| request.path().contains(api));
                let armed = is_api
                    && changes.contains(request.method())
                    && lose.swap(false, Ordering::SeqCst);
                let answer = service.call(request);
                async move {
                    let answer = answer.await;
                    if armed {
                        std::future::pending::<()>().await;
                    }
                    answer
                }
            })
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .unwrap()
    .run();
    tokio::spawn(server);
    Server {
        base,
        unscheduled,
        shared,
        http: http(),
    }
}

impl Server {
    pub fn account(&self, base: &str) -> Account {
        super::account(base, self.unscheduled)
    }

    /// The merchant's address.
    pub fn hook(&self) -> Url {
        let mut url = self.base.clone();
        url.set_path("/hook");
        url.set_query(Some("account=7"));
        url
    }

    pub fn posted(&self) -> Vec<Posted> {
        self.shared.posted.lock().unwrap().clone()
    }

    pub fn lose_next_answer(&self) {
        self.shared.lose_next_answer.store(true, Ordering::SeqCst);
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(self.url(path)).send().await.unwrap();
        answer.json().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) {
        self.done(self.http.post(self.url(path)), body).await;
    }

    pub async fn put(&self, path: &str, body: &Value) {
        self.done(self.http.put(self.url(path)), body).await;
    }

    async fn done(&self, request: reqwest::RequestBuilder, body: &Value) {
        let answer = request.json(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{body} was answered {status} {text}");
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }
}
