//! A stateful stand-in for the provider: the Payment API v1 over real HTTP, `checkout.js` with its
//! frame, the hosted page, 3-D Secure, and webhooks.
//!
//! It refuses what the real provider refuses, because a sandbox that accepts everything proves
//! nothing. What must never happen here: a real card number kept, logged or shown.

mod agreement;
mod api;
mod attempt;
mod cancel;
mod capture;
mod cards;
mod charge;
mod checkout;
mod create;
mod events;
mod fields;
mod frame;
mod hosted;
mod order;
mod page;
mod payer;
mod payment;
mod problem;
mod references;
mod refund;
mod render;
mod replays;
mod retrieve;
mod rules;
mod state;
mod terminate;
mod three_d_secure;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use actix_web::{Scope, web};
use url::Url;

use state::State;

/// What a sandbox is set up with.
#[derive(Clone)]
pub struct SandboxOptions {
    /// Where the sandbox is reached, e.g. `http://localhost:8080/sandbox/nexi`: the accounts'
    /// `base_url`, and the start of every link it gives. `checkout_script` is below it, at
    /// `/v1/checkout.js?v=1`.
    pub public_url: Url,
    pub accounts: Vec<SandboxAccount>,
    /// One second of the webhook retry schedule lasts this long.
    pub retry_second: Duration,
    pub http: reqwest::Client,
}

/// A merchant and its keys. No `Debug`: the secret key is one, if only a sandbox's.
#[derive(Clone)]
pub struct SandboxAccount {
    pub secret_key: String,
    /// Public: every payer's browser gets it.
    pub checkout_key: String,
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
            .configure(frame::configure)
            .configure(hosted::configure)
            .configure(three_d_secure::configure)
            .configure(page::configure)
            .configure(api::configure)
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
