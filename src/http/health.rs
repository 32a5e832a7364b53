//! Health: `live` says that the process answers, `ready` that it can take payments.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::problem::Problem;
use super::readiness::Check;

#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `unavailable`.
    pub status: &'static str,
    pub checks: Vec<Check>,
}

/// The process is alive.
#[utoipa::path(tag = "Operations", responses((status = 200, body = Health)))]
#[get("/health/live")]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Health {
        status: "ok",
        checks: Vec::new(),
    })
}

/// The service can take payments. A broker that is away is told but does not count: events wait
/// in the outbox.
#[utoipa::path(
    tag = "Operations",
    responses((status = 200, body = Health), (status = 503, body = Health))
)]
#[get("/health/ready")]
pub async fn ready(app: Data<App>) -> Result<HttpResponse, Problem> {
    let readiness = app.readiness.clone();
    let checks = app.run(async move { readiness.check().await }).await?;
    let ok = checks.iter().all(|check| check.ok || !check.required);
    Ok(if ok {
        HttpResponse::Ok().json(Health {
            status: "ok",
            checks,
        })
    } else {
        HttpResponse::ServiceUnavailable().json(Health {
            status: "unavailable",
            checks,
        })
    })
}
