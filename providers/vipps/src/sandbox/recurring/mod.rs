//! Recurring v3: its routes. Each call has its own file.

mod accept;
pub(crate) mod agreement;
mod cancel;
mod capture;
pub(crate) mod charge;
mod create_charge;
mod draft;
pub(crate) mod list;
pub(crate) mod pricing;
mod read;
mod refund;
mod render;
mod update;

use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use mcpay_sandbox::Asked;
use serde_json::Value;

use super::api::{Body, Needs, handle};
use super::problem::Family;
use super::state::{State, locked};

const FAMILY: Family = Family::Recurring;

pub(crate) fn configure(config: &mut ServiceConfig) {
    let agreements = "/recurring/v3/agreements";
    let agreement = "/recurring/v3/agreements/{agreement}";
    let charge = "/recurring/v3/agreements/{agreement}/charges/{charge}";
    config
        .route(agreements, web::post().to(draft_agreement))
        .route(agreements, web::get().to(list_agreements))
        .route(agreement, web::get().to(get_agreement))
        .route(agreement, web::patch().to(update_agreement))
        .route(
            &format!("{agreement}/accept"),
            web::patch().to(accept_agreement),
        )
        .route(
            &format!("{agreement}/charges"),
            web::post().to(create_charge),
        )
        .route(&format!("{agreement}/charges"), web::get().to(list_charges))
        .route(charge, web::get().to(get_charge))
        .route(charge, web::delete().to(cancel_charge))
        .route(&format!("{charge}/capture"), web::post().to(capture_charge))
        .route(&format!("{charge}/refund"), web::post().to(refund_charge))
        .route(
            "/recurring/v3/charges/{charge}",
            web::get().to(get_charge_by_id),
        );
}

async fn draft_agreement(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let needs = Needs::changes(FAMILY, Body::Required)
        .at_most(300, "draft", "")
        .seen(Asked::Initiate, sent["externalId"].as_str(), &request);
    handle(state, request, body, needs, draft::draft).await
}

async fn list_agreements(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let needs = Needs::reads(FAMILY).at_most(5, "list", "");
    handle(state, request, body, needs, list::agreements).await
}

async fn get_agreement(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    id: Path<String>,
) -> HttpResponse {
    let reference = agreement_reference(&state, &request, &id);
    let needs = Needs::reads(FAMILY)
        .at_most(120, "get agreement", &id)
        .seen(Asked::Inquire, reference.as_deref(), &request);
    handle(state, request, body, needs, |call| {
        read::agreement(call, &id)
    })
    .await
}

async fn update_agreement(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    id: Path<String>,
) -> HttpResponse {
    let reference = agreement_reference(&state, &request, &id);
    let needs = Needs::changes(FAMILY, Body::Required)
        .at_most(5, "update", &id)
        .seen(Asked::Cancel, reference.as_deref(), &request);
    handle(state, request, body, needs, |call| {
        update::update(call, &id)
    })
    .await
}

async fn accept_agreement(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    id: Path<String>,
) -> HttpResponse {
    let needs = Needs::changes(FAMILY, Body::Required);
    handle(state, request, body, needs, |call| {
        accept::accept(call, &id)
    })
    .await
}

async fn create_charge(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    id: Path<String>,
) -> HttpResponse {
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let own_name = sent["orderId"].as_str().unwrap_or_default();
    let needs = Needs::changes(FAMILY, Body::Required)
        .at_most(2, "create charge", &format!("{id}/{own_name}"))
        .seen(Asked::Charge, sent["externalId"].as_str(), &request);
    handle(state, request, body, needs, |call| {
        create_charge::create(call, &id)
    })
    .await
}

async fn list_charges(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    id: Path<String>,
) -> HttpResponse {
    let needs = Needs::reads(FAMILY).at_most(10, "list charges", &id);
    handle(state, request, body, needs, |call| list::charges(call, &id)).await
}

type ChargePath = Path<(String, String)>;

async fn get_charge(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    path: ChargePath,
) -> HttpResponse {
    let reference = charge_reference(&state, &request, &path.1);
    let needs = Needs::reads(FAMILY)
        .at_most(10, "get charge", &format!("{}/{}", path.0, path.1))
        .seen(Asked::Inquire, reference.as_deref(), &request);
    handle(state, request, body, needs, |call| {
        read::charge(call, &path.0, &path.1)
    })
    .await
}

async fn get_charge_by_id(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    id: Path<String>,
) -> HttpResponse {
    let reference = charge_reference(&state, &request, &id);
    let needs = Needs::reads(FAMILY)
        .at_most(100, "get charge by id", &id)
        .seen(Asked::Inquire, reference.as_deref(), &request);
    handle(state, request, body, needs, |call| {
        read::charge_by_id(call, &id)
    })
    .await
}

async fn capture_charge(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    path: ChargePath,
) -> HttpResponse {
    let reference = charge_reference(&state, &request, &path.1);
    let needs = Needs::changes(FAMILY, Body::Required)
        .at_most(5, "capture charge", &format!("{}/{}", path.0, path.1))
        .seen(Asked::Capture, reference.as_deref(), &request);
    handle(state, request, body, needs, |call| {
        capture::capture(call, &path.0, &path.1)
    })
    .await
}

async fn refund_charge(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    path: ChargePath,
) -> HttpResponse {
    let reference = charge_reference(&state, &request, &path.1);
    let needs = Needs::changes(FAMILY, Body::Required)
        .at_most(5, "refund charge", &format!("{}/{}", path.0, path.1))
        .seen(Asked::Refund, reference.as_deref(), &request);
    handle(state, request, body, needs, |call| {
        refund::refund(call, &path.0, &path.1)
    })
    .await
}

async fn cancel_charge(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    path: ChargePath,
) -> HttpResponse {
    let reference = charge_reference(&state, &request, &path.1);
    let needs = Needs::changes(FAMILY, Body::None)
        .at_most(5, "cancel charge", &format!("{}/{}", path.0, path.1))
        .seen(Asked::Cancel, reference.as_deref(), &request);
    handle(state, request, body, needs, |call| {
        cancel::cancel(call, &path.0, &path.1)
    })
    .await
}

/// What the merchant calls an agreement that is known.
fn agreement_reference(state: &State, request: &HttpRequest, id: &str) -> Option<String> {
    let unit = unit(request)?;
    let shared = state.books(|books| books.find_agreement(unit, id))?;
    Some(locked(&shared).reference())
}

/// What the merchant calls a charge that is known.
fn charge_reference(state: &State, request: &HttpRequest, id: &str) -> Option<String> {
    let unit = unit(request)?;
    let shared = state.books(|books| books.find_charge(unit, id))?;
    let agreement = locked(&shared);
    agreement
        .charges
        .iter()
        .find(|charge| charge.id == id)
        .map(charge::Charge::reference)
}

fn unit(request: &HttpRequest) -> Option<&str> {
    super::access::find(request.headers(), super::access::UNIT_HEADER)
}
