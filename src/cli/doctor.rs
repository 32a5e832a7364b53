//! `mcpay doctor`: looks at everything that the service stands on, and says in a line each whether it
//! is well, or what to do. It changes nothing, unless it is told to repair.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use mcpay_port::{Failure, FailureKind, Provider, ProviderError};
use tokio::time::timeout;
use url::Url;

use crate::clients::ports::ClientStore as _;
use crate::clients::{StoredAccount, StoredClient};
use crate::config::Doctor;
use crate::events::relay::reach_broker;
use crate::payments::Payments;
use crate::store::{Store, StoreOptions};
use crate::wiring::{http_client, master_key, payments_over, providers};

/// Nothing that is asked takes longer.
const LIMIT: Duration = Duration::from_secs(15);
/// Stands in for the public URL where none is given; nothing is registered under it.
const NO_PUBLIC_URL: &str = "http://localhost";

pub async fn doctor(settings: Doctor) -> Result<(), String> {
    let mut ward = Ward::default();
    if let Some(store) = ward.examine_database(&settings).await {
        ward.examine_accounts(&settings, &store).await?;
    }
    ward.examine_broker(&settings).await;
    match ward.complaints {
        0 => Ok(()),
        1 => Err("1 thing is wrong.".to_owned()),
        many => Err(format!("{many} things are wrong.")),
    }
}

/// What was found.
#[derive(Default)]
struct Ward {
    complaints: usize,
}

impl Ward {
    #[expect(clippy::unused_self, reason = "it reads like its opposite")]
    fn well(&self, what: impl Display) {
        println!("ok     {what}");
    }

    fn wrong(&mut self, what: impl Display) {
        self.complaints += 1;
        println!("wrong  {what}");
    }

    async fn examine_database(&mut self, settings: &Doctor) -> Option<Store> {
        use secrecy::ExposeSecret as _;
        let key = match master_key(&settings.master_key) {
            Ok(key) => key,
            Err(sentence) => {
                self.wrong(sentence);
                return None;
            }
        };
        self.well("MCPAY_MASTER_KEY can be read");
        let options = StoreOptions {
            master_key: key,
            pool_size: 2,
        };
        let opened = Store::open(settings.database_url.expose_secret(), options);
        let store = match opened {
            Ok(store) => store,
            Err(error) => {
                self.wrong(format!("database: {error}"));
                return None;
            }
        };
        match store.is_migrated().await {
            Ok(true) => self.well("database: it answers and is at this version"),
            Ok(false) => {
                self.wrong("database: it is not at this version; run mcpay migrate");
                return None;
            }
            Err(error) => {
                self.wrong(format!(
                    "database: {error}; check DATABASE_URL and that it runs"
                ));
                return None;
            }
        }
        Some(store)
    }

    async fn examine_broker(&mut self, settings: &Doctor) {
        let Some(url) = &settings.amqp_url else {
            return self.well("broker: none is set; events stay in the event API");
        };
        match timeout(LIMIT, reach_broker(url)).await {
            Ok(Ok(())) => self.well("broker: it lets us in"),
            Ok(Err(why)) => self.wrong(format!(
                "broker: {why}; check AMQP_URL and that RabbitMQ runs"
            )),
            Err(_) => self.wrong("broker: it does not answer; check AMQP_URL and the network"),
        }
    }

    async fn examine_accounts(&mut self, settings: &Doctor, store: &Store) -> Result<(), String> {
        let clients = match store.load_clients().await {
            Ok(clients) => clients,
            Err(error) => {
                self.wrong(format!("clients: {error}"));
                return Ok(());
            }
        };
        if clients.is_empty() {
            self.wrong("clients: there are none; add them with mcpay apply");
        }
        let http = http_client()?;
        let adapters = providers(&http);
        let public_url = match &settings.public_url {
            Some(url) => url.clone(),
            None => Url::parse(NO_PUBLIC_URL).map_err(|error| error.to_string())?,
        };
        let payments = payments_over(store, &public_url, &http).await?;
        for (client, account) in current_accounts(&clients) {
            let Some(adapter) = adapters.get(&account.account.provider) else {
                continue;
            };
            let name = format!("{} {}", client.client.code, account.account.provider);
            if !self.examine_keys(&name, adapter, account).await || adapter.webhooks().is_none() {
                continue;
            }
            if settings.public_url.is_some() {
                self.examine_webhooks(&name, &payments, account, settings.repair)
                    .await;
            } else {
                self.well(format!(
                    "{name}: webhooks are not looked at without --public-url"
                ));
            }
        }
        Ok(())
    }

    async fn examine_keys(
        &mut self,
        name: &str,
        adapter: &Arc<dyn Provider>,
        account: &StoredAccount,
    ) -> bool {
        let asked = timeout(LIMIT, adapter.check_keys(&account.account)).await;
        match asked {
            Ok(Ok(())) => {
                self.well(format!("{name}: the provider takes the keys"));
                return true;
            }
            Ok(Err(error)) => self.wrong(format!("{name}: {}", advice(&error))),
            Err(_) => self.wrong(format!("{name}: the provider does not answer")),
        }
        false
    }

    async fn examine_webhooks(
        &mut self,
        name: &str,
        payments: &Payments,
        account: &StoredAccount,
        repair: bool,
    ) {
        match payments.is_registered(account).await {
            Ok(true) => return self.well(format!("{name}: webhooks are registered")),
            Ok(false) if repair => {}
            Ok(false) => {
                return self.wrong(format!(
                    "{name}: webhooks are not registered for this public URL; mcpay serve does it \
                     by itself, and mcpay doctor --repair at once"
                ));
            }
            Err(error) => return self.wrong(format!("{name}: webhooks: {error}")),
        }
        match payments.register(account).await {
            Ok(_) => self.well(format!("{name}: webhooks were not registered, and are now")),
            Err(error) => self.wrong(format!(
                "{name}: webhooks cannot be registered: {error}; the public URL must be an https \
                 address that the provider can reach"
            )),
        }
    }
}

fn current_accounts(
    clients: &[StoredClient],
) -> impl Iterator<Item = (&StoredClient, &StoredAccount)> {
    clients.iter().flat_map(|client| {
        let current = client.accounts.iter().filter(|account| account.current);
        current.map(move |account| (client, account))
    })
}

/// What is wrong and what to do; nothing secret is in a failure.
fn advice(error: &ProviderError) -> String {
    let failure: &Failure = error.failure();
    let what_to_do = match failure.kind {
        FailureKind::Unauthorized => "the keys are not taken; correct them with mcpay apply",
        FailureKind::Misconfigured => "the settings cannot be used; correct them with mcpay apply",
        FailureKind::Unreachable | FailureKind::Timeout => {
            "the provider cannot be reached; check base_url and the network"
        }
        FailureKind::RateLimited { .. } => "the provider was asked too often; try again later",
        _ => "the provider does not answer as it should; try again later",
    };
    format!("{what_to_do} ({failure})")
}
