//! ePayment v1: its routes. Each call has its own file.

mod approve;
mod cancel;
mod capture;
pub(crate) mod codes;
mod create;
mod modification;
pub(crate) mod payment;
mod read;
mod receipt;
mod refund;
pub(crate) mod render;

use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use mcpay_sandbox::Asked;
use serde_json::Value;

use super::api::{Body, Needs, handle};
use super::problem::Family;
use super::state::State;

pub(crate) use create::AUTO_APPROVE_AFTER;

const FAMILY: Family = Family::Epayment;

pub(crate) fn configure(config: &mut ServiceConfig) {
    let payment = "/epayment/v1/payments/{reference}";
    config
        .route("/epayment/v1/payments", web::post().to(create_payment))
        .route(payment, web::get().to(get_payment))
        .route(&format!("{payment}/events"), web::get().to(get_events))
        .route(
            &format!("{payment}/capture"),
            web::post().to(capture_payment),
        )
        .route(&format!("{payment}/refund"), web::post().to(refund_payment))
        .route(&format!("{payment}/cancel"), web::post().to(cancel_payment))
        .route(
            "/epayment/v1/test/payments/{reference}/approve",
            web::post().to(approve_payment),
        );
}

async fn create_payment(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let reference = sent["reference"].as_str();
    let needs = Needs::changes(FAMILY, Body::Required)
        .at_most(5, "create", reference.unwrap_or_default())
        .seen(Asked::Initiate, reference, &request);
    handle(state, request, body, needs, create::create).await
}

async fn get_payment(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    reference: Path<String>,
) -> HttpResponse {
    let needs = Needs::reads(FAMILY).at_most(120, "get", &reference).seen(
        Asked::Inquire,
        Some(&reference),
        &request,
    );
    handle(state, request, body, needs, |call| {
        read::payment(call, &reference)
    })
    .await
}

async fn get_events(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    reference: Path<String>,
) -> HttpResponse {
    let needs = Needs::reads(FAMILY)
        .at_most(120, "events", &reference)
        .seen(Asked::Inquire, Some(&reference), &request);
    handle(state, request, body, needs, |call| {
        read::events(call, &reference)
    })
    .await
}

async fn capture_payment(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    reference: Path<String>,
) -> HttpResponse {
    let needs = Needs::changes(FAMILY, Body::Required)
        .at_most(5, "capture", &reference)
        .seen(Asked::Capture, Some(&reference), &request);
    handle(state, request, body, needs, |call| {
        capture::capture(call, &reference)
    })
    .await
}

async fn refund_payment(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    reference: Path<String>,
) -> HttpResponse {
    let needs = Needs::changes(FAMILY, Body::Required)
        .at_most(5, "refund", &reference)
        .seen(Asked::Refund, Some(&reference), &request);
    handle(state, request, body, needs, |call| {
        refund::refund(call, &reference)
    })
    .await
}

async fn cancel_payment(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    reference: Path<String>,
) -> HttpResponse {
    let needs = Needs::changes(FAMILY, Body::Optional)
        .at_most(5, "cancel", &reference)
        .seen(Asked::Cancel, Some(&reference), &request);
    handle(state, request, body, needs, |call| {
        cancel::cancel(call, &reference)
    })
    .await
}

async fn approve_payment(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    reference: Path<String>,
) -> HttpResponse {
    let needs = Needs::writes(FAMILY, Body::Required);
    handle(state, request, body, needs, |call| {
        approve::approve(call, &reference)
    })
    .await
}
