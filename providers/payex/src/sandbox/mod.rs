//! A stateful stand-in for PayEx.

use actix_web::Scope;
use std::time::Duration;
use url::Url;

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
    #[allow(dead_code)]
    options: SandboxOptions,
}

impl Sandbox {
    pub fn new(options: SandboxOptions) -> Self {
        Self { options }
    }

    /// All routes, to be mounted at the path of `public_url`.
    pub fn routes(&self, path: &str) -> Scope {
        actix_web::web::scope(path)
    }
}
