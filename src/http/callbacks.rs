//! Provider callbacks (CONTRACT 1, 8.9). Each is checked, stored as a hint and answered; nothing it
//! says is believed. Never answered 429.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, post};
use mcpay_port::{PaymentRef, ProviderId};

use super::app::App;
use super::body::read_body;
use super::problem::{Code, Problem};
use crate::payments::notify::Callback;

pub fn routes(config: &mut ServiceConfig) {
    config.service(keyed).service(authorized);
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
    notify(&app, &request, (&provider, &payment), Some(key), payload).await
}

/// A provider that sends the key it was given as the request's authorization.
#[post("/callbacks/{provider}/{mcPayRef}")]
async fn authorized(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let (provider, payment) = path.into_inner();
    notify(&app, &request, (&provider, &payment), None, payload).await
}

async fn notify(
    app: &App,
    request: &HttpRequest,
    (provider, payment): (&str, &str),
    key: Option<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let body = read_body(payload).await?;
    let (Ok(provider), Ok(payment)) = (provider.parse::<ProviderId>(), payment.parse()) else {
        return Err(Problem::detailed(
            Code::NotFound,
            "There is no such callback address.",
        ));
    };
    let payment: PaymentRef = payment;
    let headers = headers_of(request);
    let payments = app.payments.clone();
    app.run(async move {
        let callback = Callback {
            provider,
            payment,
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
