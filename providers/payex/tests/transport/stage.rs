//! A server with a script, and the adapter's calls to it.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use mcpay_payex::Payex;
use mcpay_port::{
    Account, AccountId, AccountSettings, AgreementRef, Attempt, ChargeOrder, Charged, Currency,
    FailureKind, Money, Operation, OperationId, PaymentMethod, PaymentRef, Progress, Provider,
    ProviderError, ProviderId, ProviderRef,
};
use serde_json::{Value, json};
use uuid::Uuid;

pub const ID: &str = "/psp/paymentorders/7e6cdfc3-1276-44e9-9992-7cf4419750e1";
pub const TOKEN: &str = "transport-access-token";
/// The operation every test uses, and its `payeeReference`.
pub const OPERATION: u128 = 35;
pub const PAYEE_REFERENCE: &str = "000000000000000000000000Z";

/// What a server answers to one call: a status, and JSON or raw bytes; or nothing, ever.
#[derive(Clone)]
pub enum Say {
    Json(u16, Value),
    Raw(u16, Vec<u8>),
    Moved(String),
    Nothing,
}

/// What was asked: method, path with query, and the headers that matter.
#[derive(Clone, Debug)]
pub struct Asked {
    pub line: String,
    pub authorization: Option<String>,
    pub accept: Option<String>,
    pub content_type: Option<String>,
    pub user_agent: Option<String>,
}

/// A server with a script. Beyond its end it repeats the last answer.
pub struct Stage {
    pub base: String,
    pub asked: Arc<Mutex<Vec<Asked>>>,
}

struct Play {
    script: Vec<Say>,
    pub asked: Arc<Mutex<Vec<Asked>>>,
}

async fn perform(play: web::Data<Play>, request: HttpRequest) -> HttpResponse {
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let turn = {
        let mut asked = play.asked.lock().unwrap();
        asked.push(Asked {
            line: format!("{} {}", request.method(), request.uri()),
            authorization: header("authorization"),
            accept: header("accept"),
            content_type: header("content-type"),
            user_agent: header("user-agent"),
        });
        asked.len() - 1
    };
    let say = play
        .script
        .get(turn)
        .or(play.script.last())
        .unwrap()
        .clone();
    match say {
        Say::Json(status, body) => HttpResponse::build(StatusCode::from_u16(status).unwrap())
            .insert_header(("retry-after", "7"))
            .json(body),
        Say::Raw(status, body) => {
            HttpResponse::build(StatusCode::from_u16(status).unwrap()).body(body)
        }
        Say::Moved(to) => HttpResponse::TemporaryRedirect()
            .insert_header(("location", to))
            .finish(),
        Say::Nothing => std::future::pending().await,
    }
}

/// The script may name this server's own address as `{base}`.
pub fn stage(script: impl FnOnce(&str) -> Vec<Say>) -> Stage {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let play = web::Data::new(Play {
        script: script(&base),
        asked: Arc::clone(&asked),
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(play.clone())
            .default_service(web::to(perform))
    });
    let server = server
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap();
    tokio::spawn(server.run());
    Stage { base, asked }
}

impl Stage {
    pub fn account(&self) -> Account {
        let settings =
            json!({ "base_url": self.base, "payee_id": "payee-1", "access_token": TOKEN });
        Account {
            id: AccountId(Uuid::nil()),
            provider: ProviderId::Payex,
            settings: AccountSettings::from_json(settings.to_string()),
        }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    pub async fn capture(&self) -> Result<Progress, ProviderError> {
        let (amount, vat) = (nok(10_000), nok(0));
        payex()
            .capture(&self.account(), operation(), &attempt(), amount, vat)
            .await
    }

    pub async fn charge(&self) -> Result<Charged, ProviderError> {
        let agreement = AgreementRef {
            token: "stored-token".into(),
            payer_reference: "payer-1".to_owned(),
        };
        let order = ChargeOrder {
            reference: PaymentRef(Uuid::nil()),
            amount: nok(9_900),
            vat: nok(0),
            description: "Renewal".to_owned(),
            language: "nb-NO".to_owned(),
            due: None,
            callback: "https://mcpay.example/callback".parse().unwrap(),
            callback_key: "key".into(),
        };
        payex()
            .charge(&self.account(), operation(), &agreement, &order)
            .await
    }

    pub async fn stop(&self, token: &str) -> Result<Progress, ProviderError> {
        let agreement = AgreementRef {
            token: token.into(),
            payer_reference: "payer-1".to_owned(),
        };
        payex().stop(&self.account(), operation(), &agreement).await
    }
}

pub fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

pub fn payex() -> Payex {
    let http = client().redirect(reqwest::redirect::Policy::none());
    Payex::new(http.build().unwrap()).with_call_timeout(Duration::from_millis(700))
}

pub fn nok(minor: i64) -> Money {
    Money::new(minor, Currency::NOK)
}

pub fn operation() -> Operation {
    Operation {
        id: OperationId(Uuid::from_u128(OPERATION)),
        number: 100_000_000_000,
    }
}

pub fn attempt() -> Attempt {
    Attempt {
        reference: PaymentRef(Uuid::nil()),
        provider_ref: Some(ProviderRef(ID.to_owned())),
        amount: nok(34_900),
        method: PaymentMethod::CreditcardPayex,
        charge: None,
    }
}

/// An authorised order whose capture link is at `host`.
pub fn paid(host: &str, transactions: &Value) -> Say {
    let captured: i64 = transactions
        .as_array()
        .unwrap()
        .iter()
        .fold(0, |sum, each| sum + each["amount"].as_i64().unwrap());
    Say::Json(
        200,
        json!({
            "paymentOrder": {
                "id": ID, "status": "Paid", "operation": "Purchase", "currency": "NOK",
                "amount": 34_900, "remainingCaptureAmount": 34_900 - captured,
                "paid": { "amount": 34_900 },
                "financialTransactions": { "financialTransactionsList": transactions },
            },
            "operations": [{ "rel": "capture", "method": "POST",
                "href": format!("{host}{ID}/captures") }],
        }),
    )
}

pub fn ours() -> Value {
    json!([{ "type": "Capture", "amount": 10_000, "payeeReference": PAYEE_REFERENCE }])
}

pub fn problem(status: u16, name: &str) -> Say {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read_to_string(path).unwrap();
    Say::Json(status, serde_json::from_str(&body).unwrap())
}

pub fn kind_of<T: std::fmt::Debug>(result: Result<T, ProviderError>) -> (bool, FailureKind) {
    let error = result.unwrap_err();
    (error.may_have_happened(), error.failure().kind)
}
