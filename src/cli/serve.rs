//! `mcpay serve`: the service, for production.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::demo::DEMO_MASTER_KEY;
use super::demo_client::refuse_demo_secrets;
use super::listen::{bind, serve_until_stopped, wind_down, workers};
use crate::config::Serve;
use crate::http;
use crate::system::System;
use crate::wiring::{Blueprint, build, http_client, master_key};

pub async fn serve(settings: Serve) -> Result<(), String> {
    let (listener, public_url) = bind(&settings.listening)?;
    if settings.master_key.expose_secret() == DEMO_MASTER_KEY {
        return Err(
            "MCPAY_MASTER_KEY is the demo's, which everybody knows. Make one with \
                    `openssl rand -base64 32`."
                .into(),
        );
    }
    let key = master_key(&settings.master_key)?;
    let hasher = key.secret_hasher();
    let built = build(Blueprint {
        database_url: &settings.database_url,
        master_key: key,
        public_url: public_url.clone(),
        service: &settings.service,
        http: http_client()?,
        clock: Arc::new(System),
    })
    .await?;
    refuse_demo_secrets(&built.store, &hasher).await?;
    built.start_jobs();
    let server = http::serve(listener, workers(), built.app.clone(), Arc::new(|_| {}))
        .map_err(|error| format!("The server cannot start: {error}"))?;
    tracing::info!(%public_url, "serving");
    let hang_up = async { built.app.stopping.cancel() };
    serve_until_stopped(server, hang_up).await?;
    wind_down(built).await;
    Ok(())
}
