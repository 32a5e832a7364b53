//! A stateful stand-in for the provider: payment orders v3.1 over real HTTP, the pages where the payer
//! pays, the script of the seamless view, and callbacks.
//!
//! It refuses what the real provider refuses, because a sandbox that accepts everything proves
//! nothing. What must never happen here: a real card number kept, logged or shown.

mod abort;
mod access;
mod api;
mod attempt;
mod callbacks;
mod cancel;
mod capture;
mod cards;
mod charge;
mod checkout;
mod create;
mod fields;
mod frame;
mod operations;
mod order;
mod outcomes;
mod page;
mod payer;
mod problems;
mod read;
mod render;
mod reversal;
mod rules;
mod seamless;
mod state;
mod three_d_secure;
mod tokens;
mod transaction;
mod update;

use std::sync::Arc;
use std::time::Duration;

use actix_web::{Scope, web};
use url::Url;

use state::State;

/// What a sandbox is set up with.
#[derive(Clone)]
pub struct SandboxOptions {
    /// Where the sandbox is reached, e.g. `http://localhost:8080/sandbox/payex`: the accounts'
    /// `base_url`, and the start of every link it gives.
    pub public_url: Url,
    /// Accounts it knows: payee id and access token.
    pub payees: Vec<(String, String)>,
    /// One second of the provider's callback retry schedule lasts this long.
    pub retry_second: Duration,
    pub http: reqwest::Client,
}

/// The sandbox; clones share their state.
#[derive(Clone)]
pub struct Sandbox {
    state: Arc<State>,
}

impl Sandbox {
    /// Call it inside a tokio runtime that outlives the HTTP server's workers: callbacks are sent
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
            .configure(api::configure)
            .configure(checkout::configure)
            .configure(frame::configure)
            .configure(three_d_secure::configure)
            .configure(seamless::configure)
            .configure(mcpay_sandbox::rules::configure::<State>)
            .configure(mcpay_sandbox::configure::<State>);
        scope.default_service(web::to(api::unknown_path))
    }

    /// Stops the callbacks that are still to be sent, lets go of held connections, and waits until
    /// the background tasks are gone.
    pub async fn shutdown(&self) {
        self.state.stage.shutdown().await;
    }
}
