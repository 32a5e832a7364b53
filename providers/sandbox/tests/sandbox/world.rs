//! A simulator with two calls on a port of its own.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use mcpay_sandbox::{Asked, PayerAction, Refusal, Seen, Simulator, Stage};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

pub struct State {
    pub stage: Stage,
    pub carried_out: AtomicUsize,
    pub acted: Mutex<Vec<(String, PayerAction)>>,
}

impl Simulator for State {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn act(self: &Arc<Self>, reference: &str, action: PayerAction) -> Result<Value, Refusal> {
        match reference {
            "unknown" => Err(Refusal::not_found()),
            "over" => Err(Refusal::conflict("The payment is over.")),
            _ => {
                let mut acted = self.acted.lock().unwrap();
                acted.push((reference.to_owned(), action));
                Ok(json!({ "reference": reference }))
            }
        }
    }
}

async fn capture(state: web::Data<State>, reference: web::Path<String>) -> HttpResponse {
    let seen = Seen::new(Asked::Capture, reference.into_inner(), Some("key-1"));
    pass(&state, Some(seen)).await
}

async fn charge_many(state: web::Data<State>) -> HttpResponse {
    let seen = ["A", "B"].map(|reference| Seen::new(Asked::Charge, reference, None));
    pass(&state, seen).await
}

async fn pass(state: &State, seen: impl IntoIterator<Item = Seen>) -> HttpResponse {
    let fail = || HttpResponse::InternalServerError().body("our own words");
    let work = || {
        state.carried_out.fetch_add(1, Ordering::Relaxed);
        HttpResponse::Created().finish()
    };
    state.stage.pass(seen, fail, work).await
}

pub struct World {
    pub state: Arc<State>,
    pub base: String,
    pub http: reqwest::Client,
    server: ServerHandle,
}

impl Drop for World {
    fn drop(&mut self) {
        // The server's threads end by themselves; nobody waits for them in a test.
        drop(self.server.stop(false));
    }
}

/// A simulator whose second of a retry schedule lasts `retry_second`.
pub fn world(retry_second: Duration) -> World {
    let http = reqwest::Client::builder().build().unwrap();
    let state = Arc::new(State {
        stage: Stage::new(http.clone(), retry_second),
        carried_out: AtomicUsize::new(0),
        acted: Mutex::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let shared = Arc::clone(&state);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&shared)))
            .route("/payments/{reference}/capture", web::post().to(capture))
            .route("/charges", web::post().to(charge_many))
            .configure(mcpay_sandbox::configure::<State>)
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .unwrap()
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    World {
        state,
        base,
        http,
        server: handle,
    }
}

impl World {
    pub async fn send(&self, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let answer = request.body(body.to_owned()).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(json!(text)))
    }

    pub async fn set(&self, path: &str, setting: &Value) {
        let (status, body) = self.send(Method::PUT, path, &setting.to_string()).await;
        assert_eq!(status, 200, "{body:#}");
    }

    /// The recorded calls of a payment, without their times.
    pub async fn calls(&self, reference: &str) -> Value {
        let path = format!("/_calls?reference={reference}");
        let (_, mut calls) = self.send(Method::GET, &path, "").await;
        for call in calls.as_array_mut().unwrap() {
            assert!(call.as_object_mut().unwrap().remove("at").is_some());
        }
        calls
    }
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
