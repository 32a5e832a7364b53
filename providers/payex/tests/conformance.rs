//! The port's promises, kept by this adapter against the sandbox over real HTTP.
//!
//! The network's faults are made here, between the adapter and the sandbox: an armed server lets a
//! call take effect and then never answers it.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::dev::Service;
use actix_web::http::Method;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use async_trait::async_trait;
use mcpay_payex::{Payex, Sandbox, SandboxOptions};
use mcpay_port::conformance::{self, Call, Callback, PayerAction, Wish, World};
use mcpay_port::{
    Account, AccountId, AccountSettings, AgreementTerms, ChargeOrder, Money, Operation,
    OperationId, Payer, PaymentMethod, PaymentOrder, PaymentRef, ProviderId, ProviderRef, Urls,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

const PAYEE: &str = "5cabf558-5283-4f00-b252-4d58e06f6f3b";
const TOKEN: &str = "conformance-access-token";
const PATH: &str = "/sandbox/payex";
/// Long for a local server, short for a test that waits for it.
const CALL_TIMEOUT: Duration = Duration::from_millis(1_500);

/// The path and query of a callback, and its body.
type Posted = (String, Vec<u8>);

/// What the server and the test share.
#[derive(Clone, Default)]
struct Shared {
    lose_next_answer: Arc<AtomicBool>,
    callbacks: Arc<Mutex<Vec<Posted>>>,
}

struct PayexWorld {
    base: Url,
    agreement: &'static str,
    payee_reference: &'static str,
    shared: Shared,
    http: reqwest::Client,
    number: AtomicU64,
}

async fn receive(
    shared: web::Data<Shared>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let posted = (request.uri().to_string(), body.to_vec());
    shared.callbacks.lock().unwrap().push(posted);
    HttpResponse::Ok().finish()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

fn world(agreement: &'static str, payee_reference: &'static str) -> PayexWorld {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base: Url = format!("http://{}{PATH}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let sandbox = Sandbox::new(SandboxOptions {
        public_url: base.clone(),
        payees: vec![(PAYEE.to_owned(), TOKEN.to_owned())],
        retry_second: Duration::from_millis(10),
        http: http(),
    });
    let shared = Shared::default();
    let data = web::Data::new(shared.clone());
    let server = HttpServer::new(move || {
        let lose = Arc::clone(&data.lose_next_answer);
        App::new()
            .app_data(data.clone())
            .route("/callback", web::post().to(receive))
            .service(sandbox.routes(PATH))
            .wrap_fn(move |request, service| {
                let changes = [Method::POST, Method::PATCH].contains(request.method());
                let armed = changes
                    && request.path().contains("/psp/")
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
    PayexWorld {
        base,
        agreement,
        payee_reference,
        shared,
        http: http(),
        number: AtomicU64::new(100_000_000_001),
    }
}

impl PayexWorld {
    fn account_at(&self, base: &str) -> Account {
        let settings = json!({
            "base_url": base,
            "payee_id": PAYEE,
            "access_token": TOKEN,
            "agreement": self.agreement,
            "payee_reference": self.payee_reference,
        });
        Account {
            id: AccountId(Uuid::new_v4()),
            provider: ProviderId::Payex,
            settings: AccountSettings::from_json(settings.to_string()),
        }
    }

    fn control(&self, path: &str) -> Url {
        format!("{}/{path}", self.base).parse().unwrap()
    }

    fn callback_url(&self, reference: PaymentRef, key: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path("/callback");
        url.set_query(Some(&format!("payment={reference}&key={key}")));
        url
    }
}

#[async_trait]
impl World for PayexWorld {
    fn account(&self) -> Account {
        self.account_at(self.base.as_str())
    }

    fn unreachable_account(&self) -> Account {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        self.account_at(&format!("http://{address}"))
    }

    fn operation(&self) -> Operation {
        Operation {
            id: OperationId(Uuid::new_v4()),
            number: self.number.fetch_add(1, Ordering::SeqCst),
        }
    }

    fn order(&self, wish: Wish) -> PaymentOrder {
        let reference = PaymentRef(Uuid::new_v4());
        let key = Uuid::new_v4().simple().to_string();
        PaymentOrder {
            reference,
            method: PaymentMethod::CreditcardPayex,
            flow: wish.flow,
            amount: wish.amount,
            vat: wish.vat,
            agreement: wish.agreement.then(|| AgreementTerms {
                amount: wish.amount,
                period: None,
                payer_reference: reference.0.simple().to_string(),
            }),
            description: "Årsabonnement på papir og digitalt, levert heim".to_owned(),
            language: "nb-NO".to_owned(),
            country: "NO".to_owned(),
            capture_at_once: false,
            payer: Payer {
                phone_number: Some("+4790000000".into()),
                user_agent: Some("Mozilla/5.0".to_owned()),
                profile_scope: Vec::new(),
            },
            urls: Urls {
                page: format!("https://shop.example/pay?mcPayRef={reference}")
                    .parse()
                    .unwrap(),
                host_origins: vec!["https://shop.example".to_owned()],
                complete: "https://shop.example/done".parse().unwrap(),
                cancel: "https://shop.example/cancelled".parse().unwrap(),
                callback: self.callback_url(reference, &key),
                terms: None,
                agreement: None,
            },
            callback_key: key.into(),
        }
    }

    fn charge_order(&self, amount: Money, vat: Money) -> ChargeOrder {
        let reference = PaymentRef(Uuid::new_v4());
        let key = Uuid::new_v4().simple().to_string();
        ChargeOrder {
            reference,
            amount,
            vat,
            description: "Renewal".to_owned(),
            language: "nb-NO".to_owned(),
            due: None,
            callback: self.callback_url(reference, &key),
            callback_key: key.into(),
        }
    }

    fn unknown_ref(&self) -> ProviderRef {
        ProviderRef(format!("/psp/paymentorders/{}", Uuid::new_v4()))
    }

    fn decline_is_final(&self) -> bool {
        false
    }

    /// An order keeps the token that it gave, also when that is deleted.
    fn inquiry_tells_end(&self) -> bool {
        false
    }

    async fn act(&self, reference: PaymentRef, action: PayerAction) {
        let action = match action {
            PayerAction::Approve => "approve",
            PayerAction::Decline => "decline",
            PayerAction::Cancel => "cancel",
        };
        let answer = self
            .http
            .post(self.control(&format!("_payer/{reference}")))
            .json(&json!({ "action": action }))
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        assert!(
            status.is_success(),
            "the payer could not {action}: {status} {body}"
        );
    }

    async fn lose_next_answer(&self) {
        self.shared.lose_next_answer.store(true, Ordering::SeqCst);
    }

    async fn count(&self, reference: PaymentRef, call: Call) -> usize {
        let name = match call {
            Call::Initiate => "initiate",
            Call::Capture => "capture",
            Call::Cancel => "cancel",
            Call::Refund => "refund",
            Call::Charge => "charge",
        };
        let url = self.control(&format!("_calls?reference={reference}"));
        let calls: Vec<Value> = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        calls
            .iter()
            .filter(|call| call["operation"] == name)
            .count()
    }

    /// PayEx answers a charge when it is done.
    async fn charge_is_processed(&self, _reference: PaymentRef) {}

    async fn callback(&self, order: &PaymentOrder) -> Callback {
        let wanted = format!("payment={}", order.reference);
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let posted = self.shared.callbacks.lock().unwrap().clone();
            if let Some((uri, body)) = posted.into_iter().find(|(uri, _)| uri.contains(&wanted)) {
                return Callback {
                    key: uri.split_once("key=").map(|(_, key)| key.to_owned()),
                    expected_key: order.callback_key.expose_secret().into(),
                    registration: None,
                    headers: Vec::new(),
                    body,
                };
            }
            assert!(Instant::now() < deadline, "no callback came for {wanted}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_adapter_keeps_every_promise_with_unscheduled_agreements() {
    let payex = Payex::new(http()).with_call_timeout(CALL_TIMEOUT);
    conformance::run(&payex, &world("unscheduled", "base36")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_adapter_keeps_every_promise_with_recurrences_and_short_references() {
    let payex = Payex::new(http()).with_call_timeout(CALL_TIMEOUT);
    conformance::run(&payex, &world("recurrence", "digits12")).await;
}
