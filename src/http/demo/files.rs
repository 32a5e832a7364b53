//! The pages of the demo shop, under the same strict policy a careful merchant would set.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use rust_embed::Embed;

use super::Shop;
use crate::http::problem::{Code, Problem};

#[derive(Embed)]
#[folder = "web/demo"]
struct Files;

/// Whoever opens the demo's address without a path wants the shop.
#[get("/")]
pub async fn front_door() -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, "/demo/"))
        .finish()
}

#[get("/demo")]
pub async fn home() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, "/demo/"))
        .finish()
}

#[get("/demo/{file:[a-z0-9._-]*}")]
pub async fn file(shop: Data<Shop>, file: Path<String>) -> Result<HttpResponse, Problem> {
    let name = match file.as_str() {
        "" => "index.html",
        // Pages that the demo client's settings name, without their ending.
        "agreement" => "agreement.html",
        "terms" => "terms.html",
        name => name,
    };
    let found = Files::get(name)
        .ok_or_else(|| Problem::detailed(Code::NotFound, "The shop has no such page."))?;
    let media = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
    let sandbox = &shop.sandbox_origin;
    let policy = format!(
        "default-src 'none'; script-src 'self' {sandbox}; style-src 'self'; connect-src 'self'; \
         img-src 'self' data:; frame-src 'self' {sandbox}; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .content_type(media)
        .body(found.data.into_owned()))
}
