//! `mcpay demo`: service, simulated providers and demo shop in one process.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use directories::ProjectDirs;
use mcpay_port::ProviderId;
use secrecy::SecretString;
use url::Url;

use super::demo_client::{DEMO_CLIENT, DEMO_OAUTH_SECRET, DEMO_SIGNING_SECRET, apply_demo_client};
use super::listen::{bind, serve_until_stopped, wind_down, workers};
use super::sandboxes::{REAL_SECOND, Sandboxes, sandbox_path};
use crate::clients::ClientCode;
use crate::config::Demo;
use crate::http;
use crate::http::MoreRoutes;
use crate::http::demo::Shop;
use crate::http::demo::merchant::Backend;
use crate::system::System;
use crate::wiring::{Blueprint, Built, build, http_client, master_key, providers};

/// The demo keeps only the demo's secrets, which everybody knows.
pub const DEMO_MASTER_KEY: &str =
    "6d63706179206d63706179206d63706179206d63706179206d6370617920216d";

pub async fn demo(settings: Demo) -> Result<(), String> {
    let (listener, public_url) = bind(&settings.listening)?;
    let own_url = own_url(&listener)?;
    let http = http_client()?;
    let database_url = match &settings.database_url {
        Some(url) => url.clone(),
        None => fresh_file(&public_url)?,
    };
    let key = settings
        .master_key
        .clone()
        .unwrap_or_else(|| DEMO_MASTER_KEY.to_owned().into());
    let built = build(Blueprint {
        database_url: &database_url,
        master_key: master_key(&key)?,
        public_url: public_url.clone(),
        service: &settings.service,
        http: http.clone(),
        clock: Arc::new(System),
    })
    .await?;
    let sandbox_base = settings.sandbox_url.as_ref().unwrap_or(&public_url).clone();
    apply_demo_client(
        &built.store,
        &providers(&http),
        &public_url,
        &sandbox_base,
        &settings.allow_origins,
    )
    .await?;
    built
        .app
        .registry
        .refresh_if_changed()
        .await
        .map_err(|error| error.to_string())?;
    built.start_jobs();
    let sandboxes = match settings.sandbox_url {
        Some(_) => None,
        None => Some(Sandboxes::new(&public_url, &http, REAL_SECOND)?),
    };
    let backend = Backend::new(
        ClientCode(DEMO_CLIENT.to_owned()),
        DEMO_OAUTH_SECRET.to_owned().into(),
        own_url,
        http,
    );
    let shop = shop(&built, &public_url, &sandbox_base, backend);
    let more = more_routes(sandboxes.clone(), shop);
    let server = http::serve(listener, workers(), built.app.clone(), more)
        .map_err(|error| format!("The server cannot start: {error}"))?;
    greet(&public_url, settings.service.amqp_url.is_some());
    // Answers that the simulator holds back would hold up the stop.
    let hang_up = async {
        built.app.stopping.cancel();
        if let Some(sandboxes) = &sandboxes {
            sandboxes.shutdown().await;
        }
    };
    serve_until_stopped(server, hang_up).await?;
    wind_down(built).await;
    Ok(())
}

/// Where the demo's own backend reaches the service: not over the public URL, which may lead round
/// by a proxy.
fn own_url(listener: &TcpListener) -> Result<Url, String> {
    let mut address = listener.local_addr().map_err(|error| error.to_string())?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    Url::parse(&format!("http://{address}")).map_err(|error| error.to_string())
}

fn shop(built: &Built, public_url: &Url, sandbox_base: &Url, backend: Backend) -> Data<Shop> {
    Data::new(Shop {
        client: ClientCode(DEMO_CLIENT.to_owned()),
        signing_secret: DEMO_SIGNING_SECRET.to_owned().into(),
        public_url: public_url.clone(),
        sandbox_origin: sandbox_base.origin().ascii_serialization(),
        events: Arc::new(built.store.clone()),
        backend,
    })
}

fn more_routes(sandboxes: Option<Sandboxes>, shop: Data<Shop>) -> MoreRoutes {
    Arc::new(move |config: &mut ServiceConfig| {
        if let Some(sandboxes) = &sandboxes {
            sandboxes.mount(config);
        }
        http::demo::routes(config, &shop);
    })
}

/// A demo starts fresh: its simulated providers have forgotten everything too.
fn fresh_file(public_url: &Url) -> Result<SecretString, String> {
    let folder: PathBuf = ProjectDirs::from("", "", "mcpay")
        .map(|folders| folders.data_dir().to_owned())
        .ok_or("There is no data folder for this user. Give --database-url sqlite://PATH.")?;
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    // One a port: a second demo must not take the first one's file away.
    let port = public_url.port_or_known_default().unwrap_or_default();
    let name = format!("demo-{port}.sqlite");
    for ending in ["", "-wal", "-shm"] {
        let path = folder.join(format!("{name}{ending}"));
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{} cannot be removed: {error}", path.display())),
        }
    }
    Ok(format!("sqlite://{}", folder.join(&name).display()).into())
}

fn greet(public_url: &Url, has_broker: bool) {
    let base = public_url.as_str().trim_end_matches('/');
    let sandboxes: String = ProviderId::ALL
        .map(|provider| {
            let name = format!("{} sandbox", provider.name());
            format!("  {name:<15}  {base}{}/_control\n", sandbox_path(provider))
        })
        .concat();
    println!(
        "mcpay demo is ready.\n\n\
         \x20 Demo shop        {base}/demo/\n\
         \x20 Merchant         {base}/demo/merchant\n\
         \x20 API              {base}/docs\n\
{sandboxes}\n\
         \x20 client           {DEMO_CLIENT}\n\
         \x20 signing secret   {DEMO_SIGNING_SECRET}  (HS512, kid demo)\n\
         \x20 OAuth secret     {DEMO_OAUTH_SECRET}  (POST /login/oauth/token)\n\
         \x20 events           {}\n\n\
         Stop with Ctrl-C.",
        if has_broker {
            "RabbitMQ, and the demo shop's page"
        } else {
            "on the demo shop's page"
        }
    );
}
