//! What every call of the API goes through: the controls, access, version, and the headers of the
//! answer. The calls themselves have their own files.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, USER_AGENT};
use actix_web::web::{Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use mcpay_sandbox::{Asked, Seen};
use serde_json::Value;
use uuid::Uuid;

use super::access::{self, Access};
use super::order::Order;
use super::problems::Problem;
use super::state::{SharedOrder, State, locked};
use super::{
    abort, cancel, capture, charge, create, read, render::Expand, reversal, tokens, update,
};

/// Status and body of a call that went through.
pub(crate) type Answer = Result<(u16, Value), Problem>;

/// One call, after access and version were checked.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a Arc<State>,
    pub(crate) access: &'a Access,
    pub(crate) body: &'a Value,
    pub(crate) expand: Expand,
    pub(crate) user_agent: &'a str,
}

impl Call<'_> {
    /// The order of an id in the path, when it is the caller's.
    ///
    /// # Errors
    /// 404.
    pub(crate) fn get_order(&self, id: &str) -> Result<SharedOrder, Problem> {
        let shared = Uuid::parse_str(id)
            .ok()
            .and_then(|id| self.state.find_order(id));
        let shared = shared.ok_or_else(|| Problem::not_found("The payment order"))?;
        self.access.check_owner(&locked(&shared))?;
        Ok(shared)
    }

    pub(crate) fn render(&self, order: &Order) -> Value {
        super::render::order(order, &self.state.base, &self.expand)
    }
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/psp/paymentorders", web::post().to(create_order))
        .route(
            "/psp/paymentorders/payerownedtokens/{payer}",
            web::get().to(read_payer_tokens),
        )
        .route(
            "/psp/paymentorders/payerownedtokens/{payer}",
            web::patch().to(delete_payer_tokens),
        )
        .route(
            "/psp/paymentorders/{kind:(?i)(recurrence|unscheduled|payment)tokens}/{token}",
            web::patch().to(delete_token),
        )
        .route("/psp/paymentorders/{id}", web::get().to(read_order))
        .route("/psp/paymentorders/{id}", web::patch().to(change_order))
        .route(
            "/psp/paymentorders/{id}/captures",
            web::post().to(capture_order),
        )
        .route(
            "/psp/paymentorders/{id}/cancellations",
            web::post().to(cancel_order),
        )
        .route(
            "/psp/paymentorders/{id}/reversals",
            web::post().to(reverse_order),
        )
        .route("/psp/paymentorders/{id}/{part}", web::get().to(read_part));
}

async fn create_order(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let body = read_body(&body);
    let seen = body.as_ref().ok().and_then(create::seen);
    handle(&state.into_inner(), &request, Some(body), seen, |call| {
        if create::is_charge(call.body) {
            charge::charge(call)
        } else {
            create::create(call)
        }
    })
    .await
}

async fn read_order(state: Data<State>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    let seen = seen(&state, &id, Asked::Inquire, None);
    handle(&state.into_inner(), &request, None, seen, |call| {
        read::order(call, &id)
    })
    .await
}

async fn read_part(
    state: Data<State>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (id, part) = path.into_inner();
    let seen = seen(&state, &id, Asked::Inquire, None);
    handle(&state.into_inner(), &request, None, seen, |call| {
        read::part(call, &id, &part)
    })
    .await
}

async fn change_order(
    state: Data<State>,
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let body = read_body(&body);
    let aborts = body.as_ref().is_ok_and(abort::is_abort);
    let seen = if aborts {
        seen(&state, &id, Asked::Cancel, None)
    } else {
        None
    };
    handle(&state.into_inner(), &request, Some(body), seen, |call| {
        update::change(call, &id)
    })
    .await
}

async fn capture_order(
    state: Data<State>,
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let body = read_body(&body);
    let seen = seen(&state, &id, Asked::Capture, body.as_ref().ok());
    handle(&state.into_inner(), &request, Some(body), seen, |call| {
        capture::capture(call, &id)
    })
    .await
}

async fn cancel_order(
    state: Data<State>,
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let body = read_body(&body);
    let seen = seen(&state, &id, Asked::Cancel, body.as_ref().ok());
    handle(&state.into_inner(), &request, Some(body), seen, |call| {
        cancel::cancel(call, &id)
    })
    .await
}

async fn reverse_order(
    state: Data<State>,
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let body = read_body(&body);
    let seen = seen(&state, &id, Asked::Refund, body.as_ref().ok());
    handle(&state.into_inner(), &request, Some(body), seen, |call| {
        reversal::reverse(call, &id)
    })
    .await
}

async fn delete_token(
    state: Data<State>,
    request: HttpRequest,
    path: Path<(String, String)>,
    body: Bytes,
) -> HttpResponse {
    let (kind, token) = path.into_inner();
    handle(
        &state.into_inner(),
        &request,
        Some(read_body(&body)),
        None,
        |call| tokens::delete(call, &kind, &token),
    )
    .await
}

async fn read_payer_tokens(
    state: Data<State>,
    request: HttpRequest,
    payer: Path<String>,
) -> HttpResponse {
    handle(&state.into_inner(), &request, None, None, |call| {
        Ok((200, tokens::of_payer(call, &payer)))
    })
    .await
}

async fn delete_payer_tokens(
    state: Data<State>,
    request: HttpRequest,
    payer: Path<String>,
    body: Bytes,
) -> HttpResponse {
    handle(
        &state.into_inner(),
        &request,
        Some(read_body(&body)),
        None,
        |call| tokens::delete_of_payer(call, &payer),
    )
    .await
}

/// Whatever has no route.
pub(crate) async fn unknown_path() -> HttpResponse {
    respond(Err(Problem::not_found("This path of the sandbox")))
}

fn read_body(bytes: &Bytes) -> Result<Value, Problem> {
    serde_json::from_slice::<Value>(bytes)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Problem::field("Body", "The body must be a JSON object."))
}

/// What is recorded of a call on an order that is known, whoever makes it.
fn seen(state: &State, id: &str, asked: Asked, body: Option<&Value>) -> Option<Seen> {
    let shared = Uuid::parse_str(id)
        .ok()
        .and_then(|id| state.find_order(id))?;
    let reference = locked(&shared).merchant_reference.clone()?;
    let key = body.and_then(|body| body.pointer("/transaction/payeeReference"));
    Some(Seen::new(asked, reference, key.and_then(Value::as_str)))
}

async fn handle(
    state: &Arc<State>,
    request: &HttpRequest,
    body: Option<Result<Value, Problem>>,
    seen: Option<Seen>,
    work: impl FnOnce(&Call<'_>) -> Answer,
) -> HttpResponse {
    let fail = || respond(Err(Problem::system_error()));
    let work = || respond(answer(state, request, body, work));
    state.stage.pass(seen, fail, work).await
}

fn answer(
    state: &Arc<State>,
    request: &HttpRequest,
    body: Option<Result<Value, Problem>>,
    work: impl FnOnce(&Call<'_>) -> Answer,
) -> Answer {
    let access = access::authorize(state, request.headers())?;
    access::check_version(request.headers(), body.is_some())?;
    let body = body.transpose()?.unwrap_or(Value::Null);
    let user_agent = request
        .headers()
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    work(&Call {
        state,
        access: &access,
        body: &body,
        expand: Expand::read(request.query_string()),
        user_agent: user_agent.unwrap_or_default(),
    })
}

fn respond(answer: Answer) -> HttpResponse {
    let (status, content_type, body) = match answer {
        Ok((status, body)) => (status, "application/json; charset=utf-8; version=3.1", body),
        Err(problem) => (
            problem.status,
            "application/problem+json; charset=utf-8; version=3.1",
            problem.to_json(),
        ),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header(("api-supported-versions", "3.1"))
        .body(body.to_string())
}
