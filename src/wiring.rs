//! Puts the service together. The only file that names real providers; everybody else knows them
//! by the port. Sees all, and nobody but the commands sees it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use async_trait::async_trait;
use mcpay_nexi::Nexi;
use mcpay_payex::Payex;
use mcpay_port::Provider;
use mcpay_vipps::Vipps;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::access::Access;
use crate::clients::Registry;
use crate::clients::oauth_secret::SecretHasher;
use crate::config::{Service, Switch};
use crate::events::Wakeup;
use crate::events::relay::{Relay, RelayOptions};
use crate::events::sequence::{Sequencer, SequencerOptions};
use crate::http::app::App;
use crate::http::client_address::TrustedProxies;
use crate::http::rate_limit::RateLimits;
use crate::http::readiness::{Check, Readiness};
use crate::http::streams::Streams;
use crate::jobs::order_callbacks::HttpCaller;
use crate::jobs::{self, Jobs, Tick};
use crate::orders::{self, Orders};
use crate::payments::{Parts, Payments, Providers};
use crate::ports::{Clock, Ids as _};
use crate::store::{MasterKey, Store, StoreOptions};
use crate::system::System;

/// What a service is made from.
pub struct Blueprint<'a> {
    pub database_url: &'a SecretString,
    pub master_key: MasterKey,
    pub public_url: Url,
    pub service: &'a Service,
    pub http: reqwest::Client,
    pub clock: Arc<dyn Clock>,
}

/// A service that is put together; its jobs run once [`Built::start_jobs`] was called.
pub struct Built {
    pub app: Data<App>,
    pub store: Store,
    pub jobs: Jobs,
    events_written: Wakeup,
    relay: Option<Arc<Relay>>,
    sequencer: Arc<Sequencer>,
    /// Work that goes on after an answer was given.
    pub background: TaskTracker,
}

/// The adapters of this build.
pub fn providers(http: &reqwest::Client) -> Providers {
    adapters(http, Switch::On)
}

/// With `limits` off, none counts how often it calls a provider.
fn adapters(http: &reqwest::Client, limits: Switch) -> Providers {
    let vipps = Vipps::new(http.clone());
    let vipps = match limits {
        Switch::On => vipps,
        Switch::Off => vipps.without_limits(),
    };
    let adapters: [Arc<dyn Provider>; 3] = [
        Arc::new(Payex::new(http.clone())),
        Arc::new(vipps),
        Arc::new(Nexi::new(http.clone())),
    ];
    let by_name = adapters.map(|adapter| (adapter.id(), adapter));
    Providers::from(by_name)
}

/// The HTTP client for providers: their certificates are checked against the Mozilla roots, so
/// that no system bundle is needed, and redirects are never followed with a token.
///
/// # Errors
/// When TLS cannot be set up.
pub fn http_client() -> Result<reqwest::Client, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        // CONTRACT 8.11: nothing is ever resent behind our back.
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(3))
        // Shorter than providers keep theirs: a request on a connection that they are just closing
        // would have an unknown outcome.
        .pool_idle_timeout(Duration::from_secs(15))
        .build()
        .map_err(|error| error.to_string())
}

/// Opens the database and builds the service over it.
///
/// # Errors
/// A sentence that says what to do.
pub async fn build(blueprint: Blueprint<'_>) -> Result<Built, String> {
    let Blueprint {
        database_url,
        master_key,
        public_url,
        service,
        http,
        clock,
    } = blueprint;
    let hasher = master_key.secret_hasher();
    let options = StoreOptions {
        pool_size: usize::from(service.database_pool),
        master_key,
    };
    let store = open_store(database_url, options).await?;
    let registry = load_registry(&store).await?;
    let events_written = Wakeup::new();
    let background = TaskTracker::new();
    let ground = Ground {
        store: &store,
        registry: &registry,
        clock: &clock,
        events_written: &events_written,
        public_url: &public_url,
    };
    let payments = ground.payments(adapters(&http, service.rate_limit), &background);
    let access = ground.access(hasher);
    let orders = ground.orders(&payments, http);
    let holder = System.uuid().to_string();
    let relay = relay(&store, service, &public_url, &holder)?;
    let sequencer = Sequencer::new(
        Arc::new(store.clone()),
        Arc::new(System),
        SequencerOptions::new(holder),
    );
    let readiness = Watched {
        store: store.clone(),
        relay: relay.clone(),
    };
    let stopping = CancellationToken::new();
    let app = Data::new(App {
        clock,
        payments,
        access,
        events: Arc::new(store.clone()),
        events_numbered: sequencer.assigned(),
        orders,
        registry,
        limits: RateLimits::new(service.rate_limit == Switch::On),
        streams: Streams::new(stopping.clone()),
        readiness: Arc::new(readiness),
        trusted_proxies: TrustedProxies::new(service.trusted_proxies.clone()),
        public_url,
        work: background.clone(),
        stopping,
        runtime: Handle::current(),
    });
    Ok(Built {
        app,
        store,
        jobs: Jobs::new(),
        events_written,
        relay,
        sequencer: Arc::new(sequencer),
        background,
    })
}

/// The use-cases of payments alone, over a store that is open: for commands that serve nobody.
///
/// # Errors
/// A sentence when the clients cannot be read.
pub async fn payments_over(
    store: &Store,
    public_url: &Url,
    http: &reqwest::Client,
) -> Result<Arc<Payments>, String> {
    let clock: Arc<dyn Clock> = Arc::new(System);
    let ground = Ground {
        store,
        registry: &load_registry(store).await?,
        clock: &clock,
        events_written: &Wakeup::new(),
        public_url,
    };
    Ok(ground.payments(providers(http), &TaskTracker::new()))
}

/// What every room of the domain stands on.
struct Ground<'a> {
    store: &'a Store,
    registry: &'a Arc<Registry>,
    clock: &'a Arc<dyn Clock>,
    events_written: &'a Wakeup,
    public_url: &'a Url,
}

impl Ground<'_> {
    fn payments(&self, providers: Providers, background: &TaskTracker) -> Arc<Payments> {
        Arc::new(Payments::new(Parts {
            store: Arc::new(self.store.clone()),
            providers,
            registry: Arc::clone(self.registry),
            clock: Arc::clone(self.clock),
            ids: Arc::new(System),
            events_written: self.events_written.clone(),
            public_url: self.public_url.clone(),
            background: background.clone(),
        }))
    }

    fn access(&self, hasher: SecretHasher) -> Arc<Access> {
        Arc::new(Access::new(
            Arc::new(self.store.clone()),
            Arc::clone(self.registry),
            hasher,
            Arc::clone(self.clock),
            Arc::new(System),
        ))
    }

    fn orders(&self, payments: &Arc<Payments>, http: reqwest::Client) -> Arc<Orders> {
        Arc::new(Orders::new(orders::service::Parts {
            store: Arc::new(self.store.clone()),
            payments: Arc::clone(payments),
            registry: Arc::clone(self.registry),
            clock: Arc::clone(self.clock),
            ids: Arc::new(System),
            events_written: self.events_written.clone(),
            public_url: self.public_url.clone(),
            caller: Arc::new(HttpCaller(http)),
        }))
    }
}

async fn load_registry(store: &Store) -> Result<Arc<Registry>, String> {
    let registry = Registry::load(Arc::new(store.clone())).await;
    registry.map(Arc::new).map_err(|error| error.to_string())
}

/// The key that secrets at rest are sealed with.
///
/// # Errors
/// A sentence that says how to make one; never the text.
pub fn master_key(text: &SecretString) -> Result<MasterKey, String> {
    MasterKey::parse(text.expose_secret()).map_err(|error| format!("MCPAY_MASTER_KEY: {error}"))
}

/// Opens a database at this version of the schema.
///
/// # Errors
/// A sentence that says what to do; never the password.
pub async fn open_store(url: &SecretString, options: StoreOptions) -> Result<Store, String> {
    let url = url.expose_secret();
    Store::migrate(url)
        .await
        .map_err(|error| format!("The database cannot be prepared: {error}"))?;
    Store::open(url, options).map_err(|error| format!("The database cannot be opened: {error}"))
}

fn relay(
    store: &Store,
    service: &Service,
    public_url: &Url,
    holder: &str,
) -> Result<Option<Arc<Relay>>, String> {
    let Some(amqp_url) = service.amqp_url.clone() else {
        return Ok(None);
    };
    let source = public_url.as_str().trim_end_matches('/');
    let options = RelayOptions {
        exchange: service.amqp_exchange.clone(),
        queue: service.amqp_queue.clone(),
        ..RelayOptions::new(amqp_url, source, holder)
    };
    Relay::new(Arc::new(store.clone()), Arc::new(System), options)
        .map(|relay| Some(Arc::new(relay)))
        .map_err(|error| error.to_string())
}

impl Built {
    /// Starts everything that goes at its own pace.
    pub fn start_jobs(&self) {
        if let Some(relay) = &self.relay {
            jobs::publish::start(&self.jobs, relay, &self.events_written);
        }
        jobs::sequence::start(&self.jobs, &self.sequencer, &self.events_written);
        jobs::refresh::start(&self.jobs, &self.app.registry);
        jobs::reconcile::start(&self.jobs, &self.app.payments);
        jobs::register::start(&self.jobs, &self.app.payments);
        jobs::profiles::start(&self.jobs, &self.app.payments);
        jobs::pursue::start(&self.jobs, &self.app.payments);
        jobs::release::start(&self.jobs, &self.app.payments);
        jobs::clean_up::start(&self.jobs, &self.app.payments, &self.app.access);
        jobs::follow_orders::start(&self.jobs, &self.app.orders, &self.events_written);
        jobs::order_callbacks::start(&self.jobs, &self.app.orders, &self.events_written);
        let app = self.app.clone();
        self.jobs.every(
            "forget idle limits",
            Duration::from_secs(60),
            None,
            move || {
                app.limits.forget_idle();
                std::future::ready(Ok(Tick::Idle))
            },
        );
    }
}

/// What readiness looks at.
struct Watched {
    store: Store,
    relay: Option<Arc<Relay>>,
}

#[async_trait]
impl Readiness for Watched {
    async fn check(&self) -> Vec<Check> {
        let database = self.store.ping().await;
        let mut checks = vec![Check {
            name: "database",
            ok: database.is_ok(),
            required: true,
            detail: if database.is_ok() {
                "answers"
            } else {
                "does not answer"
            }
            .to_owned(),
        }];
        if let Some(relay) = &self.relay {
            let status = relay.status();
            let connection = if status.connected {
                "connected"
            } else {
                "not connected"
            };
            let waiting = status.backlog.unwrap_or_default();
            checks.push(Check {
                name: "broker",
                ok: status.connected,
                required: false,
                detail: format!("{connection}; {waiting} events wait"),
            });
        }
        checks
    }
}
