//! A server with a script, and the adapter's calls to it.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use mcpay_nexi::Nexi;
use mcpay_port::{
    Account, AccountId, AccountSettings, AgreementRef, Attempt, ChargeAttempt, ChargeOrder,
    Charged, Currency, FailureKind, Flow, Money, Operation, OperationId, Payer, PaymentMethod,
    PaymentOrder, PaymentRef, Progress, Provider, ProviderError, ProviderId, ProviderRef, Snapshot,
    Started, Urls,
};
use serde_json::{Value, json};
use uuid::{NoContext, Timestamp, Uuid};

/// The payment of every fixture, and the first of its charges.
pub const ID: &str = "0254000061f2a5bf3e5b4e8a1cd3e487";
pub const CHARGE: &str = "01ee000061f2a7c03e5b4e8a1cd3e488";
pub const SECRET_KEY: &str = "transport-secret-key";
/// The operation every test uses, and the one in the fixtures' marks.
pub const OPERATION: u128 = 0x23;
pub const KEY: &str = "00000000-0000-0000-0000-000000000023";

/// What a server answers to one call: a status, and JSON or raw bytes; or nothing, ever.
#[derive(Clone)]
pub enum Say {
    Json(u16, Value),
    /// With a clock of its own.
    At(&'static str, Value),
    Raw(u16, Vec<u8>),
    Moved(String),
    Nothing,
}

/// What was asked: method, path with query, the headers that matter, and the body.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub authorization: Option<String>,
    pub key: Option<String>,
    pub tag: Option<String>,
    pub content_type: Option<String>,
    pub content_length: Option<String>,
    pub body: Option<Value>,
}

/// A server with a script. Beyond its end it repeats the last answer.
pub struct Stage {
    pub base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    agreement: &'static str,
}

struct Play {
    script: Vec<Say>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

async fn perform(play: web::Data<Play>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let turn = {
        let mut asked = play.asked.lock().unwrap();
        asked.push(Asked {
            method: request.method().to_string(),
            path: request.uri().to_string(),
            authorization: header("authorization"),
            key: header("idempotency-key"),
            tag: header("commerceplatformtag"),
            content_type: header("content-type"),
            content_length: header("content-length"),
            body: (!body.is_empty()).then(|| serde_json::from_slice(&body).unwrap()),
        });
        asked.len() - 1
    };
    let say = play.script.get(turn).or(play.script.last());
    match say.unwrap().clone() {
        Say::Json(status, body) => HttpResponse::build(StatusCode::from_u16(status).unwrap())
            .insert_header(("retry-after", "7"))
            .json(body),
        Say::At(date, body) => HttpResponse::Ok().insert_header(("date", date)).json(body),
        Say::Raw(status, body) => {
            HttpResponse::build(StatusCode::from_u16(status).unwrap()).body(body)
        }
        Say::Moved(to) => HttpResponse::TemporaryRedirect()
            .insert_header(("location", to))
            .finish(),
        Say::Nothing => std::future::pending().await,
    }
}

pub fn stage(script: Vec<Say>) -> Stage {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let play = web::Data::new(Play {
        script,
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
    Stage {
        base,
        asked,
        agreement: "unscheduled",
    }
}

impl Stage {
    /// The same server for an account with the other kind of agreement.
    pub fn with_subscriptions(mut self) -> Self {
        self.agreement = "subscription";
        self
    }

    pub fn account(&self) -> Account {
        let settings = json!({
            "base_url": self.base,
            "checkout_script": "https://test.checkout.dibspayment.eu/v1/checkout.js?v=1",
            "secret_key": SECRET_KEY,
            "checkout_key": "checkout-key",
            "agreement": self.agreement,
        });
        Account {
            id: AccountId(Uuid::nil()),
            provider: ProviderId::Nexi,
            settings: AccountSettings::from_json(settings.to_string()),
        }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Method and path of every call.
    pub fn lines(&self) -> Vec<String> {
        let line = |asked: Asked| format!("{} {}", asked.method, asked.path);
        self.asked().into_iter().map(line).collect()
    }

    pub async fn initiate(&self, order: &PaymentOrder) -> Result<Started, ProviderError> {
        nexi().initiate(&self.account(), operation(), order).await
    }

    pub async fn inquire(&self, attempt: &Attempt) -> Result<Snapshot, ProviderError> {
        nexi().inquire(&self.account(), attempt).await
    }

    pub async fn close(&self) -> Result<Progress, ProviderError> {
        nexi().close(&self.account(), operation(), &attempt()).await
    }

    pub async fn capture(&self, minor: i64) -> Result<Progress, ProviderError> {
        let (amount, vat) = (nok(minor), nok(minor / 5));
        nexi()
            .capture(&self.account(), operation(), &attempt(), amount, vat)
            .await
    }

    pub async fn cancel(&self) -> Result<Progress, ProviderError> {
        nexi()
            .cancel(&self.account(), operation(), &attempt())
            .await
    }

    pub async fn refund(&self, minor: i64) -> Result<Progress, ProviderError> {
        let (amount, vat) = (nok(minor), nok(minor / 5));
        nexi()
            .refund(&self.account(), operation(), &attempt(), amount, vat)
            .await
    }

    /// A charge by an operation that is this old.
    pub async fn charge_again(&self, age: Duration) -> Result<Charged, ProviderError> {
        let now = Timestamp::now(NoContext).to_unix().0;
        let made_at = Timestamp::from_unix(NoContext, now - age.as_secs(), 0);
        let operation = Operation {
            id: OperationId(Uuid::new_v7(made_at)),
            ..operation()
        };
        self.charge_by(operation, SUBSCRIPTION).await
    }

    pub async fn charge(&self, token: &str) -> Result<Charged, ProviderError> {
        self.charge_by(operation(), token).await
    }

    async fn charge_by(&self, operation: Operation, token: &str) -> Result<Charged, ProviderError> {
        let order = ChargeOrder {
            reference: PaymentRef(Uuid::nil()),
            amount: nok(9_900),
            vat: nok(1_980),
            description: "Renewal".to_owned(),
            language: "nb-NO".to_owned(),
            due: None,
            callback: "https://mcpay.example/callbacks/nexi/1".parse().unwrap(),
            callback_key: "A1b2C3d4A1b2C3d4A1b2C3d4A1b2C3d4".into(),
        };
        nexi()
            .charge(&self.account(), operation, &agreement(token), &order)
            .await
    }

    pub async fn stop(&self) -> Result<Progress, ProviderError> {
        nexi()
            .stop(&self.account(), operation(), &agreement(UNSCHEDULED))
            .await
    }
}

pub const UNSCHEDULED: &str = "unscheduled.5d1c7a90e2b84f36a1d05c9e7f3b2846";
pub const SUBSCRIPTION: &str = "subscription.d79a515d6a21477f9d32ac1f0b7c6e55";

pub fn agreement(token: &str) -> AgreementRef {
    AgreementRef {
        token: token.into(),
        payer_reference: "payer-1".to_owned(),
    }
}

pub fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

pub fn nexi() -> Nexi {
    let http = client().redirect(reqwest::redirect::Policy::none());
    Nexi::new(http.build().unwrap()).with_call_timeout(Duration::from_millis(1_200))
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
        method: PaymentMethod::Nexi,
        charge: None,
    }
}

/// A charge of an agreement whose answer was lost.
pub fn lost_charge() -> Attempt {
    Attempt {
        provider_ref: None,
        charge: Some(ChargeAttempt {
            operation: operation(),
            agreement: agreement(SUBSCRIPTION),
        }),
        ..attempt()
    }
}

pub fn order(flow: Flow) -> PaymentOrder {
    PaymentOrder {
        reference: PaymentRef(Uuid::nil()),
        method: PaymentMethod::Nexi,
        flow,
        amount: nok(34_900),
        vat: nok(6_980),
        agreement: None,
        description: "Årsabonnement på \"papir\" & digitalt".to_owned(),
        language: "nb-NO".to_owned(),
        country: "NO".to_owned(),
        capture_at_once: false,
        payer: Payer {
            phone_number: Some("+4790000000".into()),
            user_agent: Some("Mozilla/5.0".to_owned()),
            profile_scope: Vec::new(),
        },
        urls: Urls {
            page: "https://shop.example/pay?mcPayRef=1".parse().unwrap(),
            host_origins: vec!["https://shop.example".to_owned()],
            complete: "https://mcpay.example/return?k=1".parse().unwrap(),
            cancel: "https://mcpay.example/return?k=1&via=cancel"
                .parse()
                .unwrap(),
            callback: "https://mcpay.example/callbacks/nexi/1".parse().unwrap(),
            terms: Some("https://shop.example/terms".parse().unwrap()),
            agreement: None,
        },
        callback_key: "A1b2C3d4A1b2C3d4A1b2C3d4A1b2C3d4".into(),
    }
}

pub fn fixture(name: &str) -> Value {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A fixture as Nexi would send it.
pub fn say(status: u16, name: &str) -> Say {
    Say::Json(status, fixture(name))
}

/// A status that Nexi sends without a body.
pub fn bare(status: u16) -> Say {
    Say::Raw(status, Vec::new())
}

pub fn kind_of<T: std::fmt::Debug>(result: Result<T, ProviderError>) -> (bool, FailureKind) {
    let error = result.unwrap_err();
    (error.may_have_happened(), error.failure().kind)
}
