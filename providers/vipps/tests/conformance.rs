//! The port's promises, kept by this adapter against the sandbox over real HTTP: for payments, and
//! once more for agreements, where every payment is the first one of an agreement.
//!
//! The network's faults are made here, between the adapter and the sandbox: an armed server lets a
//! call take effect and then never answers it.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

#[path = "conformance/server.rs"]
mod server;

use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::Utc;
use mcpay_port::conformance::{self, Call, Callback, PayerAction, Wish, World};
use mcpay_port::{
    Account, AccountId, AccountSettings, AgreementTerms, ChargeOrder, Money, Operation,
    OperationId, Payer, PaymentMethod, PaymentOrder, PaymentRef, Period, PeriodUnit, Provider,
    ProviderId, ProviderRef, Registration, Urls,
};
use mcpay_vipps::Vipps;
use serde_json::{Value, json};
use url::Url;
use uuid::{NoContext, Timestamp, Uuid};

use server::{Posted, Server, http};

/// Long for a local server, short for a test that waits for it.
const CALL_TIMEOUT: Duration = Duration::from_millis(1_500);
/// The recurring price of what costs nothing now.
const LATER: i64 = 34_900;

struct VippsWorld {
    server: Server,
    /// The method of a payment that needs no agreement.
    method: PaymentMethod,
    registration: Registration,
    number: AtomicU64,
}

async fn world(provider: &Vipps, method: PaymentMethod, unscheduled: bool) -> VippsWorld {
    let server = server::start(unscheduled);
    // What is proved here is not how often it may be asked in a minute.
    server
        .put(
            "_rules",
            &json!({ "rateLimits": false, "subDelaySeconds": 0 }),
        )
        .await;
    let account = server.account(server.base.as_str());
    let hook = server.hook();
    let registration = provider
        .webhooks()
        .unwrap()
        .register(&account, &hook)
        .await
        .unwrap();
    VippsWorld {
        server,
        method,
        registration,
        number: AtomicU64::new(1),
    }
}

/// As patient as the tests, and without the limits, as the sandbox is.
fn adapter() -> Vipps {
    Vipps::new(http())
        .with_call_timeout(CALL_TIMEOUT)
        .without_limits()
}

fn new_id() -> Uuid {
    Uuid::new_v7(Timestamp::now(NoContext))
}

impl VippsWorld {
    fn is_recurring(&self) -> bool {
        self.method == PaymentMethod::VippsRecurring
    }

    /// What was posted about a payment: anything, or an event of this type.
    async fn posted(&self, reference: PaymentRef, kind: Option<&str>) -> Posted {
        let reference = reference.to_string();
        let names = ["reference", "agreementExternalId", "chargeExternalId"];
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let found = self.server.posted().into_iter().find(|posted| {
                let event: Value = serde_json::from_slice(&posted.body).unwrap();
                names.iter().any(|name| event[*name] == reference)
                    && kind.is_none_or(|kind| event["eventType"] == kind)
            });
            if let Some(found) = found {
                return found;
            }
            assert!(Instant::now() < deadline, "no webhook came for {reference}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[async_trait]
impl World for VippsWorld {
    fn account(&self) -> Account {
        self.server.account(self.server.base.as_str())
    }

    fn unreachable_account(&self) -> Account {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        self.server.account(&format!("http://{address}"))
    }

    fn operation(&self) -> Operation {
        Operation {
            id: OperationId(new_id()),
            number: self.number.fetch_add(1, Ordering::SeqCst),
        }
    }

    fn order(&self, wish: Wish) -> PaymentOrder {
        let reference = PaymentRef(new_id());
        let agrees = wish.agreement || self.is_recurring();
        let later = if wish.amount.is_zero() {
            Money::new(LATER, wish.amount.currency())
        } else {
            wish.amount
        };
        let page = |path: &str| -> Url { format!("https://shop.example/{path}").parse().unwrap() };
        PaymentOrder {
            reference,
            method: if agrees {
                PaymentMethod::VippsRecurring
            } else {
                self.method
            },
            flow: wish.flow,
            amount: wish.amount,
            vat: wish.vat,
            agreement: agrees.then(|| AgreementTerms {
                amount: later,
                period: Some(Period {
                    length: 1,
                    unit: PeriodUnit::Months,
                }),
                payer_reference: reference.to_string(),
            }),
            description: "Årsabonnement på papir og digitalt, levert heim kvar morgon".to_owned(),
            language: "nb-NO".to_owned(),
            country: "NO".to_owned(),
            capture_at_once: false,
            payer: Payer {
                phone_number: Some("+4790000000".into()),
                user_agent: None,
                profile_scope: vec!["name".to_owned()],
            },
            urls: Urls {
                page: page("pay"),
                host_origins: vec!["https://shop.example".to_owned()],
                complete: page("done"),
                cancel: page("cancelled"),
                callback: self.server.hook(),
                terms: None,
                agreement: Some(page("account")),
            },
            callback_key: "unused".into(),
        }
    }

    fn charge_order(&self, amount: Money, vat: Money) -> ChargeOrder {
        ChargeOrder {
            reference: PaymentRef(new_id()),
            amount,
            vat,
            description: "Renewal".to_owned(),
            language: "nb-NO".to_owned(),
            due: adapter().first_due(&self.account(), Utc::now()),
            callback: self.server.hook(),
            callback_key: "unused".into(),
        }
    }

    fn unknown_ref(&self) -> ProviderRef {
        ProviderRef(if self.is_recurring() {
            "agreement/agr_unknown".to_owned()
        } else {
            format!("epayment/{}", new_id())
        })
    }

    /// Who is declined in the app may take another card; a declined first payment of an agreement
    /// is its end.
    fn decline_is_final(&self) -> bool {
        self.is_recurring()
    }

    fn inquiry_tells_end(&self) -> bool {
        true
    }

    async fn act(&self, reference: PaymentRef, action: PayerAction) {
        let action = match action {
            PayerAction::Approve => "approve",
            PayerAction::Decline => "decline",
            PayerAction::Cancel => "cancel",
        };
        let path = format!("_payer/{reference}");
        self.server.post(&path, &json!({ "action": action })).await;
    }

    /// The day on which it is due comes, and then it is today again.
    async fn charge_is_processed(&self, reference: PaymentRef) {
        self.server
            .put("_clock", &json!({ "offsetSeconds": 3 * 24 * 3600 }))
            .await;
        self.posted(reference, Some("recurring.charge-captured.v1"))
            .await;
        self.server
            .put("_clock", &json!({ "offsetSeconds": 0 }))
            .await;
    }

    async fn lose_next_answer(&self) {
        self.server.lose_next_answer();
    }

    async fn count(&self, reference: PaymentRef, call: Call) -> usize {
        let name = match call {
            Call::Initiate => "initiate",
            Call::Capture => "capture",
            Call::Cancel => "cancel",
            Call::Refund => "refund",
            Call::Charge => "charge",
        };
        let calls = self
            .server
            .get(&format!("_calls?reference={reference}"))
            .await;
        let calls = calls.as_array().unwrap().iter();
        calls.filter(|call| call["operation"] == name).count()
    }

    async fn callback(&self, order: &PaymentOrder) -> Callback {
        let posted = self.posted(order.reference, None).await;
        Callback {
            key: None,
            expected_key: "unused".into(),
            registration: Some(self.registration.clone()),
            headers: posted.headers,
            body: posted.body,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_adapter_keeps_every_promise_with_payments_and_unscheduled_charges() {
    let vipps = adapter();
    let world = world(&vipps, PaymentMethod::VippsEcommerce, true).await;
    conformance::run(&vipps, &world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_adapter_keeps_every_promise_with_agreements_and_charges_that_fall_due() {
    let vipps = adapter();
    let world = world(&vipps, PaymentMethod::VippsRecurring, false).await;
    conformance::run(&vipps, &world).await;
}

pub fn account(base: &str, unscheduled: bool) -> Account {
    let settings = json!({
        "base_url": base,
        "client_id": server::CLIENT_ID,
        "client_secret": server::SECRET,
        "subscription_key": server::KEY,
        "merchant_serial_number": server::UNIT,
        "unscheduled": unscheduled,
    });
    Account {
        id: AccountId(Uuid::new_v4()),
        provider: ProviderId::Vipps,
        settings: AccountSettings::from_json(settings.to_string()),
    }
}
