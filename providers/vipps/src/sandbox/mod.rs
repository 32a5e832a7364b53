//! A stateful stand-in for the provider: tokens, ePayment v1, Recurring v3, Webhooks v1 and
//! Userinfo over real HTTP, and the pages that stand for the payer's app.
//!
//! It refuses what the real provider refuses, because a sandbox that accepts everything proves
//! nothing. What must never happen here: a phone number or a key in a log or a URL.

mod access;
mod api;
mod epayment;
mod fields;
mod landing;
mod limits;
mod memory;
mod outcomes;
mod page;
mod payer;
mod person;
mod problem;
mod recurring;
mod rules;
mod state;
mod token;
mod userinfo;
mod visit;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use actix_web::{Scope, web};
use mcpay_port::Currency;
use url::Url;

use state::State;

/// What a sandbox is set up with.
#[derive(Clone)]
pub struct SandboxOptions {
    /// Where the sandbox is reached, e.g. `http://localhost:8080/sandbox/vipps`: the accounts'
    /// `base_url`, and the start of every link it gives.
    pub public_url: Url,
    pub accounts: Vec<SandboxAccount>,
    /// One second of the provider's webhook retry schedule lasts this long.
    pub retry_second: Duration,
    pub http: reqwest::Client,
}

/// A sales unit and its keys. No `Debug`: the keys are secrets, if only a sandbox's.
#[derive(Clone)]
pub struct SandboxAccount {
    pub client_id: String,
    pub client_secret: String,
    pub subscription_key: String,
    pub merchant_serial_number: String,
    /// What is paid in its market: NOK, DKK or EUR.
    pub currency: Currency,
    /// Whether it may charge agreements without a due date.
    pub unscheduled: bool,
}

/// The sandbox; clones share their state.
#[derive(Clone)]
pub struct Sandbox {
    state: Arc<State>,
}

impl Sandbox {
    /// Call it inside a tokio runtime that outlives the HTTP server's workers: webhooks are sent
    /// from there. Outside of one they are sent from the worker that caused them.
    pub fn new(options: SandboxOptions) -> Self {
        Self {
            state: Arc::new(State::new(options)),
        }
    }

    /// All routes, to be mounted at the path of `public_url`.
    pub fn routes(&self, path: &str) -> Scope {
        let scope = web::scope(path.trim_end_matches('/'))
            .app_data(web::Data::from(Arc::clone(&self.state)))
            .app_data(web::PayloadConfig::new(256 * 1024))
            .configure(token::configure)
            .configure(epayment::configure)
            .configure(recurring::configure)
            .configure(webhooks::configure)
            .configure(userinfo::configure)
            .configure(landing::configure)
            .configure(mcpay_sandbox::rules::configure::<State>)
            .configure(mcpay_sandbox::configure::<State>);
        scope.default_service(web::to(api::unknown_path))
    }

    /// Stops the webhooks that are still to be sent, lets go of held connections, and waits until
    /// the background tasks are gone.
    pub async fn shutdown(&self) {
        self.state.stage.shutdown().await;
    }
}
