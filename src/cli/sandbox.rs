//! `mcpay sandbox`: the simulated providers alone, for load tests and for other services.

use std::time::Duration;

use actix_web::{App, HttpServer};
use mcpay_payex::{Sandbox, SandboxOptions};
use url::Url;

use super::demo_client::{DEMO_PAYEX_PAYEE, DEMO_PAYEX_TOKEN};
use super::listen::{bind, serve_until_stopped, workers};
use crate::config::Sandbox as Settings;
use crate::http::KEEP_ALIVE;
use crate::wiring::http_client;

pub async fn sandbox(settings: Settings) -> Result<(), String> {
    let (listener, public_url) = bind(&settings.listening)?;
    let payex = payex(&public_url, http_client()?, REAL_SECOND)?;
    println!("PayEx sandbox  {}", payex_url(&public_url));
    let routes = payex.clone();
    let server = HttpServer::new(move || App::new().service(routes.routes(PAYEX_PATH)))
        .workers(workers())
        .keep_alive(KEEP_ALIVE)
        .disable_signals()
        .listen(listener)
        .map_err(|error| format!("The sandbox cannot start: {error}"))?
        .run();
    serve_until_stopped(server, payex.shutdown()).await
}

pub const PAYEX_PATH: &str = "/sandbox/payex";

/// The provider's own pace.
pub const REAL_SECOND: Duration = Duration::from_secs(1);

/// The PayEx sandbox of a process that is reached at `public_url`; it knows the demo account.
pub fn payex(
    public_url: &Url,
    http: reqwest::Client,
    retry_second: Duration,
) -> Result<Sandbox, String> {
    let url = Url::parse(&payex_url(public_url)).map_err(|error| error.to_string())?;
    Ok(Sandbox::new(SandboxOptions {
        public_url: url,
        payees: vec![(DEMO_PAYEX_PAYEE.to_owned(), DEMO_PAYEX_TOKEN.to_owned())],
        retry_second,
        http,
    }))
}

/// Where the PayEx sandbox of a process at `public_url` is reached.
pub fn payex_url(public_url: &Url) -> String {
    format!("{}{PAYEX_PATH}", public_url.as_str().trim_end_matches('/'))
}
