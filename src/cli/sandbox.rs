//! `mcpay sandbox`: the simulated providers alone, for load tests and for other services.

use actix_web::{App, HttpServer};
use mcpay_port::ProviderId;

use super::listen::{bind, serve_until_stopped, workers};
use super::sandboxes::{REAL_SECOND, Sandboxes, sandbox_url};
use crate::config::Sandbox as Settings;
use crate::http::KEEP_ALIVE;
use crate::wiring::http_client;

pub async fn sandbox(settings: Settings) -> Result<(), String> {
    let (listener, public_url) = bind(&settings.listening)?;
    let sandboxes = Sandboxes::new(&public_url, &http_client()?, REAL_SECOND)?;
    for provider in ProviderId::ALL {
        println!(
            "{:<15}{}",
            format!("{} sandbox", provider.name()),
            sandbox_url(&public_url, provider)
        );
    }
    let mounted = sandboxes.clone();
    let server = HttpServer::new(move || App::new().configure(|config| mounted.mount(config)))
        .workers(workers())
        .keep_alive(KEEP_ALIVE)
        .disable_signals()
        .listen(listener)
        .map_err(|error| format!("The sandbox cannot start: {error}"))?
        .run();
    serve_until_stopped(server, sandboxes.shutdown()).await
}
