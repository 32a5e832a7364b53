//! The world of a test: the real service over HTTP on a real database, the sandbox as the provider,
//! a shop that signs tokens, a payer who decides.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use mcpay::cli::{
    DEMO_CLIENT, DEMO_OAUTH_SECRET, DEMO_SIGNING_SECRET, Sandboxes, apply_demo_client,
};
use mcpay::clients::ClientCode;
use mcpay::config::{Service, Switch};
use mcpay::events::ports::EventStore as _;
use mcpay::http;
use mcpay::http::demo::Shop;
use mcpay::http::demo::merchant::Backend;
use mcpay::ports::Clock as _;
use mcpay::store::MasterKey;
use mcpay::wiring::{Blueprint, Built, build, http_client, master_key, providers};
use mcpay_port::ProviderId;
use serde_json::{Value, json};
use url::Url;

use super::broker::{self, BrokerNames};
use super::client::Answer;
use super::clock::MovableClock;
use super::database::Database;
use super::proxy::Proxy;
use super::shop;

const SPEC_MASTER_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Seals the secrets of every test's database.
pub fn spec_master_key() -> MasterKey {
    master_key(&SPEC_MASTER_KEY.to_owned().into()).expect("a master key")
}

/// What differs from the usual world.
#[derive(Default)]
pub struct Wish {
    /// Publish to RabbitMQ at this URL; none by default.
    pub amqp_url: Option<String>,
    pub rate_limit: bool,
    /// One second of the provider's callback retries.
    pub retry_second: Option<Duration>,
    /// More origins the demo client may be used from.
    pub origins: Vec<Url>,
    /// Reach the service under this address instead of its own.
    pub public_url: Option<Url>,
    /// Do not run the timer, the relay and the other jobs.
    pub without_jobs: bool,
    /// Reach the provider over [`World::line`], which can be broken.
    pub breakable_provider: bool,
}

pub struct World {
    pub base: Url,
    pub http: reqwest::Client,
    pub clock: Arc<MovableClock>,
    pub built: Built,
    pub names: BrokerNames,
    line: Option<Proxy>,
    pub(super) service: Service,
    pub(super) public_url: Url,
    sandboxes: Sandboxes,
    server: ServerHandle,
    pub(super) database: Database,
    has_broker: bool,
}

/// A payment that a page has started.
#[derive(Clone, Debug)]
pub struct StartedPayment {
    pub reference: String,
    pub answer: Value,
}

impl World {
    pub async fn on_sqlite() -> Self {
        Self::with(Database::sqlite(), Wish::default()).await
    }

    /// Starts everything; `ends` must be called when the test is over.
    pub async fn with(database: Database, wish: Wish) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().unwrap().port();
        let base = Url::parse(&format!("http://localhost:{port}")).unwrap();
        let public_url = wish.public_url.clone().unwrap_or_else(|| base.clone());
        let names = BrokerNames::fresh();
        let service = service_settings(&wish, &names);
        let http = http_client().expect("a client");
        let clock = Arc::new(MovableClock::default());
        let built = build(Blueprint {
            database_url: &database.url().to_owned().into(),
            master_key: spec_master_key(),
            public_url: public_url.clone(),
            service: &service,
            http: http.clone(),
            clock: clock.clone(),
        })
        .await
        .expect("the service can be built");
        let line = if wish.breakable_provider {
            Some(Proxy::start(format!("127.0.0.1:{port}")).await)
        } else {
            None
        };
        let provider_base = line.as_ref().map_or_else(
            || base.clone(),
            |line| Url::parse(&format!("http://{}", line.addr)).unwrap(),
        );
        apply_demo_client(
            &built.store,
            &providers(&http),
            &public_url,
            &provider_base,
            &wish.origins,
        )
        .await
        .expect("the demo client can be applied");
        built.app.registry.refresh_if_changed().await.unwrap();
        let retry_second = wish.retry_second.unwrap_or(Duration::from_secs(1));
        let sandboxes = Sandboxes::new(&provider_base, &http, retry_second).unwrap();
        let mounted = sandboxes.clone();
        let shop = demo_shop(&built, &public_url, &base, http.clone());
        let more: http::MoreRoutes = Arc::new(move |config| {
            mounted.mount(config);
            http::demo::routes(config, &shop);
        });
        let server = http::serve(listener, 2, built.app.clone(), more).expect("a server");
        let handle = server.handle();
        tokio::spawn(server);
        if !wish.without_jobs {
            built.start_jobs();
        }
        Self {
            base,
            http,
            clock,
            built,
            names,
            line,
            service,
            public_url,
            sandboxes,
            server: handle,
            database,
            has_broker: wish.amqp_url.is_some(),
        }
    }

    /// Stops the service as a signal would, and leaves nothing behind.
    pub async fn ends(self) {
        // First the provider: it may still hold answers back, and the server would wait for them.
        self.sandboxes.shutdown().await;
        self.built.app.stopping.cancel();
        self.server.stop(true).await;
        let stopped = self.built.jobs.stop(Duration::from_secs(20)).await;
        self.built.background.close();
        let idle = tokio::time::timeout(Duration::from_secs(20), self.built.background.wait());
        let idle = idle.await.is_ok();
        if self.has_broker {
            broker::remove(&self.names).await;
        }
        self.database.remove().await;
        stopped.expect("the jobs end in good order");
        assert!(idle, "background work must come to an end");
    }

    /// The line between service and provider of [`Wish::breakable_provider`].
    pub fn line(&self) -> &Proxy {
        self.line.as_ref().expect("a provider over a line")
    }

    // ---- the shop ----

    /// The claims of an ordinary one-time card payment by redirect, made now by the world's clock;
    /// `changes` are put over them, and a null takes one out.
    #[allow(clippy::needless_pass_by_value)] // so that a test can write `claims(json!({ … }))`
    pub fn claims(&self, changes: Value) -> Value {
        shop::claims(&self.base, self.clock.now(), &changes)
    }

    /// Signs claims as the demo client's server would.
    #[allow(clippy::unused_self)] // the world's shop signs
    pub fn sign(&self, claims: &Value) -> String {
        shop::sign(claims)
    }

    /// What the library posts for these claims.
    pub fn init_body(&self, claims: &Value) -> Value {
        shop::init_body(&self.base, &self.sign(claims))
    }

    pub async fn payment_init(&self, claims: &Value) -> Answer {
        self.post("/capi/mcpay/paymentInit", &self.init_body(claims))
            .await
    }

    /// Starts a payment whose claims differ by `changes` from the ordinary one.
    pub async fn starts(&self, changes: Value) -> StartedPayment {
        let answer = self
            .payment_init(&self.claims(changes))
            .await
            .expect(200)
            .json();
        let reference = answer["mcPayRef"].as_str().expect("a reference").to_owned();
        StartedPayment { reference, answer }
    }

    /// A one-time card payment by redirect.
    pub async fn starts_payment(&self) -> StartedPayment {
        self.starts(json!({})).await
    }

    // ---- the payer and the provider ----

    pub async fn payer_approves(&self, payment: &StartedPayment) {
        self.payer(payment, "approve").await;
    }

    pub async fn payer_declines(&self, payment: &StartedPayment) {
        self.payer(payment, "decline").await;
    }

    pub async fn payer_cancels(&self, payment: &StartedPayment) {
        self.payer(payment, "cancel").await;
    }

    async fn payer(&self, payment: &StartedPayment, action: &str) {
        let provider = self.provider_of(&payment.reference).await;
        let path = format!("/sandbox/{provider}/_payer/{}", payment.reference);
        self.post(&path, &json!({ "action": action }))
            .await
            .expect(200);
    }

    /// Sets the controls of every sandbox (CONTRACT 7.2).
    pub async fn provider_behaves(&self, controls: Value) {
        for provider in ProviderId::ALL {
            let path = format!("/sandbox/{provider}/_control");
            self.puts(&path, &controls).await.expect(200);
        }
    }

    /// Switches ways of the card provider that only its sandbox has.
    pub async fn provider_rules(&self, rules: Value) {
        let url = self.base.join("/sandbox/payex/_rules").unwrap();
        let sent = self.http.put(url).json(&rules).send().await;
        Answer::of(sent.expect("the sandbox")).await.expect(200);
    }

    /// The operations that the provider saw for this reference, oldest first.
    pub async fn provider_saw(&self, reference: &str) -> Vec<String> {
        let provider = self.provider_of(reference).await;
        let path = format!("/sandbox/{provider}/_calls?reference={reference}");
        let calls = self.get(&path).await.expect(200).json();
        let calls = calls.as_array().expect("a list").iter();
        calls
            .map(|call| call["operation"].as_str().unwrap().to_owned())
            .collect()
    }

    // ---- what a page may ask ----

    pub async fn status(&self, payment: &StartedPayment) -> Value {
        let path = format!("/capi/mcpay/payments/{}", payment.reference);
        self.get(&path).await.expect(200).json()
    }

    pub async fn completes(&self, payment: &StartedPayment) -> Value {
        let path = format!("/capi/mcpay/payments/{}/complete", payment.reference);
        self.post(&path, &json!({})).await.expect(200).json()
    }

    pub async fn cancels(&self, payment: &StartedPayment) -> Value {
        let path = format!("/capi/mcpay/payments/{}/cancel", payment.reference);
        self.post(&path, &json!({})).await.expect(200).json()
    }

    /// The browser comes back from the provider, with whatever query.
    pub async fn comes_back(&self, payment: &StartedPayment, query: &str) -> Answer {
        let path = format!("/capi/mcpay/payments/{}/return?{query}", payment.reference);
        self.get(&path).await
    }

    /// Waits until the stored status is `status`, without causing anything; panics after `limit`.
    pub async fn becomes(&self, payment: &StartedPayment, status: &str, limit: Duration) -> Value {
        let waiting = async {
            loop {
                let now = self.status(payment).await;
                if now["status"] == status {
                    return now;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let Ok(reached) = tokio::time::timeout(limit, waiting).await else {
            let now = self.status(payment).await;
            panic!("not {status} after {limit:?}: {now}");
        };
        reached
    }

    // ---- what was told ----

    /// Types of this payment's events in their order, agreement's included.
    pub async fn events_of(&self, payment: &StartedPayment) -> Vec<String> {
        self.event_bodies_of(payment)
            .await
            .into_iter()
            .map(|event| event.kind)
            .collect()
    }

    /// This payment's events, read from the store in the order of their cursors.
    pub async fn event_bodies_of(&self, payment: &StartedPayment) -> Vec<mcpay::events::Event> {
        let store = &self.built.store;
        while store.assign_cursors(1_000).await.expect("the store") > 0 {}
        let client = ClientCode(DEMO_CLIENT.to_owned());
        let all = store
            .find_events_after(&client, 0, 100_000)
            .await
            .expect("the store");
        let ours = all.into_iter().map(|(_, event)| event);
        ours.filter(|event| {
            event
                .payment
                .is_some_and(|reference| reference.to_string() == payment.reference)
        })
        .collect()
    }

    // ---- plain HTTP ----

    pub async fn get(&self, path: &str) -> Answer {
        let url = self.base.join(path).expect("a path");
        Answer::of(
            self.http
                .get(url)
                .send()
                .await
                .expect("the service answers"),
        )
        .await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let url = self.base.join(path).expect("a path");
        Answer::of(
            self.http
                .post(url)
                .json(body)
                .send()
                .await
                .expect("the service answers"),
        )
        .await
    }
}

/// The demo shop, as `mcpay demo` mounts it.
fn demo_shop(built: &Built, public_url: &Url, base: &Url, http: reqwest::Client) -> Data<Shop> {
    let client = ClientCode(DEMO_CLIENT.to_owned());
    Data::new(Shop {
        backend: Backend::new(
            client.clone(),
            DEMO_OAUTH_SECRET.to_owned().into(),
            base.clone(),
            http,
        ),
        client,
        signing_secret: DEMO_SIGNING_SECRET.to_owned().into(),
        public_url: public_url.clone(),
        sandbox_origin: base.origin().ascii_serialization(),
        events: Arc::new(built.store.clone()),
    })
}

fn service_settings(wish: &Wish, names: &BrokerNames) -> Service {
    Service {
        amqp_url: wish.amqp_url.clone().map(Into::into),
        amqp_exchange: names.exchange.clone(),
        amqp_queue: names.queue.clone(),
        trusted_proxies: Vec::new(),
        rate_limit: if wish.rate_limit {
            Switch::On
        } else {
            Switch::Off
        },
        database_pool: 8,
    }
}
