//! Provider callbacks (CONTRACT 1, 8.9). Each is checked, stored as a hint and answered; nothing it
//! says is believed. Never answered 429.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, post};
use mcpay_port::ProviderId;

use super::app::App;
use super::body::read_body;
use super::problem::{Code, Problem};
use crate::payments::notify::Callback;

pub fn routes(config: &mut ServiceConfig) {
    config.service(keyed).service(signed);
}

/// A provider that signs nothing: the key is in the address.
#[post("/callbacks/{provider}/{mcPayRef}/{key}")]
async fn keyed(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let (provider, payment, key) = path.into_inner();
    notify(&app, &request, (&provider, payment), Some(key), payload).await
}

/// A provider that proves itself in the request: by the key it was given, for one payment, or by a
/// signature, at a registered address.
#[post("/callbacks/{provider}/{name}")]
async fn signed(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let (provider, name) = path.into_inner();
    notify(&app, &request, (&provider, name), None, payload).await
}

async fn notify(
    app: &App,
    request: &HttpRequest,
    (provider, name): (&str, String),
    key: Option<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let body = read_body(payload).await?;
    let Ok(provider) = provider.parse::<ProviderId>() else {
        return Err(Problem::detailed(
            Code::NotFound,
            "There is no such callback address.",
        ));
    };
    let headers = headers_of(request);
    let payments = app.payments.clone();
    app.run(async move {
        let callback = Callback {
            provider,
            name: &name,
            key: key.as_deref(),
            headers: &headers,
            body: &body,
        };
        payments.notify(&callback).await
    })
    .await??;
    // Nexi takes nothing but 200 for an answer.
    Ok(HttpResponse::Ok().finish())
}

fn headers_of(request: &HttpRequest) -> Vec<(String, String)> {
    let readable = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    request.headers().iter().filter_map(readable).collect()
}
