//! The inbound side: every route on one page. Knows use-cases; no SQL and no provider's name.

pub mod app;
mod bearer;
mod body;
mod callbacks;
mod cdn;
mod client;
pub mod client_address;
mod code;
pub mod demo;
mod error;
mod health;
mod idempotency;
mod login;
mod mcpay;
mod method;
mod middleware;
pub mod openapi;
mod page;
pub mod problem;
mod problem_responses;
pub mod rate_limit;
pub mod readiness;
mod span;
pub mod streams;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::middleware::{Compress, DefaultHeaders, from_fn};
use actix_web::web::{Data, ServiceConfig, scope, to};
use actix_web::{App as ActixApp, HttpServer};
use tracing_actix_web::TracingLogger;

use app::App;
use span::PlainSpan;

/// Routes that only some commands have: the sandboxes, the demo shop.
pub type MoreRoutes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// What a page's script may read of our answers.
const EXPOSED: [&str; 5] = [
    "retry-after",
    "x-request-id",
    "x-mediaconnect-api-version",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// Longer than callers and proxies usually keep an idle connection: whoever closes first must not be
/// the one who is about to be asked.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Every route of the service.
fn routes(config: &mut ServiceConfig) {
    config
        .service(
            scope("/capi/mcpay")
                .wrap(any_origin())
                // Outermost, so that answers to a browser's question have them too.
                .wrap(from_fn(middleware::capi_headers))
                .configure(mcpay::routes),
        )
        .service(
            // Servers call it, so no page of another origin may.
            scope("/capi/v1")
                // What it tells is about people's purchases, and who they are.
                .wrap(DefaultHeaders::new().add((CACHE_CONTROL, "no-store")))
                .wrap(from_fn(middleware::capi_headers))
                .service(scope("/client").configure(client::routes))
                .default_service(to(bearer::refuse_unknown)),
        )
        .service(scope("/login").configure(login::routes))
        .configure(callbacks::routes)
        .configure(cdn::routes)
        .configure(openapi::routes)
        .service(health::live)
        .service(health::ready);
}

/// Pages of every shop call us; the token is the authorisation, so no cookie is ever read.
fn any_origin() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allow_any_method()
        .allow_any_header()
        .expose_headers(EXPOSED)
        .max_age(3600)
}

/// Starts serving on `listener`; the caller awaits the server and stops it.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    listener: TcpListener,
    workers: usize,
    app: Data<App>,
    more: MoreRoutes,
) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        let more = more.clone();
        ActixApp::new()
            .app_data(app.clone())
            .wrap(Compress::default())
            .wrap(DefaultHeaders::new().add(("x-content-type-options", "nosniff")))
            .wrap(from_fn(middleware::describe_problems))
            .wrap(TracingLogger::<PlainSpan>::new())
            .configure(routes)
            .configure(move |config| more(config))
    })
    .workers(workers)
    .disable_signals()
    .shutdown_timeout(20)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(Duration::from_secs(10))
    .listen(listener)?
    .run();
    Ok(server)
}
