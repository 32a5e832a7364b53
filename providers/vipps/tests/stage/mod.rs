//! A server with a script, and the adapter's calls to it. Shared by the tests that look at single
//! calls.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod words;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use mcpay_port::{Account, AccountId, AccountSettings, FailureKind, ProviderError, ProviderId};
use mcpay_vipps::Vipps;
use serde_json::{Value, json};
use uuid::Uuid;

pub const SECRET: &str = "transport-client-secret";
pub const KEY: &str = "transport-subscription-key";
/// The first token; the next ends in 2, and so on.
pub const TOKEN: &str = "transport-access-token-1";

/// What a server answers to one call: a status with JSON, raw bytes or a header; or nothing, ever.
#[derive(Clone)]
pub enum Say {
    Json(u16, Value),
    Raw(u16, Vec<u8>),
    With(u16, &'static str, String, Value),
    Nothing,
}

/// What was asked, with every header under its lower-case name.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// With its query.
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Option<Value>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// A server with two scripts, one for the token and one for the rest. Beyond its end a script
/// repeats its last line.
pub struct Stage {
    pub base: String,
    play: web::Data<Play>,
}

struct Play {
    tokens: Vec<Say>,
    script: Vec<Say>,
    token_calls: Mutex<Vec<Asked>>,
    calls: Mutex<Vec<Asked>>,
}

/// A token for an hour; `number` makes it another one.
pub fn token(number: usize) -> Say {
    Say::Json(
        200,
        json!({
            "token_type": "Bearer", "expires_in": "3600", "ext_expires_in": "3600",
            "expires_on": "1772362800", "not_before": "1772359200", "resource": "r",
            "access_token": format!("transport-access-token-{number}"),
        }),
    )
}

pub fn stage(script: Vec<Say>) -> Stage {
    stage_with_tokens(vec![token(1), token(2), token(3)], script)
}

pub fn stage_with_tokens(tokens: Vec<Say>, script: Vec<Say>) -> Stage {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let play = web::Data::new(Play {
        tokens,
        script,
        token_calls: Mutex::default(),
        calls: Mutex::default(),
    });
    let shared = play.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .default_service(web::to(perform))
    });
    let server = server
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap();
    tokio::spawn(server.run());
    Stage { base, play }
}

async fn perform(play: web::Data<Play>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let asked = Asked {
        method: request.method().to_string(),
        path: request.uri().to_string(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: (!body.is_empty()).then(|| serde_json::from_slice(&body).unwrap()),
    };
    let (script, calls) = if request.path() == "/accesstoken/get" {
        (&play.tokens, &play.token_calls)
    } else {
        (&play.script, &play.calls)
    };
    let turn = {
        let mut calls = calls.lock().unwrap();
        calls.push(asked);
        calls.len() - 1
    };
    let status = |code| HttpResponse::build(StatusCode::from_u16(code).unwrap());
    match script.get(turn).or(script.last()).unwrap().clone() {
        Say::Json(code, body) => status(code).json(body),
        Say::Raw(code, body) => status(code).body(body),
        Say::With(code, name, value, body) => status(code).insert_header((name, value)).json(body),
        Say::Nothing => std::future::pending().await,
    }
}

impl Stage {
    pub fn settings(&self) -> Value {
        json!({
            "base_url": self.base, "client_id": "client-1", "client_secret": SECRET,
            "subscription_key": KEY, "merchant_serial_number": "123456",
        })
    }

    pub fn account(&self) -> Account {
        account(&self.settings())
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.play.calls.lock().unwrap().clone()
    }

    pub fn tokens_asked(&self) -> Vec<Asked> {
        self.play.token_calls.lock().unwrap().clone()
    }

    pub fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }
}

pub fn account(settings: &Value) -> Account {
    Account {
        id: AccountId(Uuid::nil()),
        provider: ProviderId::Vipps,
        settings: AccountSettings::from_json(settings.to_string()),
    }
}

pub fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

pub fn vipps() -> Vipps {
    let http = client().redirect(reqwest::redirect::Policy::none());
    Vipps::new(http.build().unwrap()).with_call_timeout(Duration::from_millis(700))
}

/// A body of `fixtures/`.
pub fn fixture(name: &str) -> Value {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn say(status: u16, name: &str) -> Say {
    Say::Json(status, fixture(name))
}

pub fn kind_of<T: std::fmt::Debug>(result: Result<T, ProviderError>) -> (bool, FailureKind) {
    let error = result.unwrap_err();
    (error.may_have_happened(), error.failure().kind)
}
