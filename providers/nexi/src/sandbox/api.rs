//! What every call of the API goes through: the controls, access, the body, and the headers of the
//! answer. The calls themselves have their own files.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue};
use actix_web::web::{Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use mcpay_sandbox::{Asked, Seen};
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::agreement::Kind;
use super::problem::Problem;
use super::state::{SharedPayment, State, locked};
use super::{agreement, cancel, capture, charge, create, references, refund, retrieve, terminate};

/// Status and body of a call that went through.
pub(crate) type Answer = Result<(u16, Option<Value>), Problem>;

/// One call, after access was checked.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a Arc<State>,
    /// The number of the caller's account.
    pub(crate) account: usize,
    pub(crate) path: &'a str,
    pub(crate) key: Option<&'a str>,
    pub(crate) body: &'a Value,
}

impl Call<'_> {
    /// # Errors
    /// 404, also for another account's.
    pub(crate) fn get_payment(&self, id: &str) -> Result<SharedPayment, Problem> {
        self.own(self.state.find_payment(id))
    }

    /// The payment of a charge or a refund.
    ///
    /// # Errors
    /// 404, also for another account's.
    pub(crate) fn get_by_part(&self, id: &str) -> Result<SharedPayment, Problem> {
        self.own(self.state.find_by_part(id))
    }

    fn own(&self, found: Option<SharedPayment>) -> Result<SharedPayment, Problem> {
        let is_own = |shared: &SharedPayment| locked(shared).account == self.account;
        found.filter(is_own).ok_or(Problem::NOT_FOUND)
    }

    /// Where the answer to this call's key is kept.
    pub(crate) fn place(&self) -> Option<(usize, String, String)> {
        let key = self.key?.to_owned();
        Some((self.account, self.path.to_owned(), key))
    }
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/v1/payments", web::post().to(create_payment))
        .route("/v1/payments/", web::post().to(create_payment))
        .route("/v1/payments/{id}", web::get().to(retrieve_payment))
        .route("/v1/payments/{id}/{deed}", web::put().to(change_payment))
        .route("/v1/payments/{id}/charges", web::post().to(charge_payment))
        .route("/v1/payments/{id}/cancels", web::post().to(cancel_payment))
        .route("/v1/payments/{id}/refunds", web::post().to(refund_payment))
        .route("/v1/charges/{id}/refunds", web::post().to(refund_charge))
        .route("/v1/{part:charges|refunds}/{id}", web::get().to(read_part))
        .route(
            "/v1/pending-refunds/{id}/cancel",
            web::post().to(cancel_refund),
        )
        .route(
            "/v1/{kind:(?:unscheduled)?subscriptions}/{id}",
            web::get().to(retrieve_agreement),
        )
        .route(
            "/v1/{kind:(?:unscheduled)?subscriptions}/{id}/charges",
            web::post().to(charge_agreement),
        )
        .route(
            "/v1/{kind:(?:unscheduled)?subscriptions}/{id}/charges/status",
            web::get().to(charge_status),
        );
}

async fn create_payment(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let seen = |body: &Value| {
        let reference = body["myReference"].as_str();
        reference.map(|reference| Seen::new(Asked::Initiate, reference, None))
    };
    handle(state, &request, Some(&body), seen, create::create).await
}

async fn retrieve_payment(
    state: Data<State>,
    request: HttpRequest,
    id: Path<String>,
) -> HttpResponse {
    let seen = seen(&request, Asked::Inquire, state.find_payment(&id));
    handle(
        state,
        &request,
        None,
        |_| seen,
        |call| retrieve::retrieve(call, &id),
    )
    .await
}

async fn change_payment(
    state: Data<State>,
    request: HttpRequest,
    path: Path<(String, String)>,
    body: Bytes,
) -> HttpResponse {
    let (id, deed) = path.into_inner();
    if deed == "terminate" {
        let seen = seen(&request, Asked::Cancel, state.find_payment(&id));
        return handle(
            state,
            &request,
            None,
            |_| seen,
            |call| terminate::terminate(call, &id),
        )
        .await;
    }
    handle(
        state,
        &request,
        Some(&body),
        |_| None,
        |call| references::change(call, &id, &deed),
    )
    .await
}

async fn charge_payment(
    state: Data<State>,
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let seen = seen(&request, Asked::Capture, state.find_payment(&id));
    handle(
        state,
        &request,
        Some(&body),
        |_| seen,
        |call| capture::charge(call, &id),
    )
    .await
}

async fn cancel_payment(
    state: Data<State>,
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let seen = seen(&request, Asked::Cancel, state.find_payment(&id));
    handle(
        state,
        &request,
        Some(&body),
        |_| seen,
        |call| cancel::cancel(call, &id),
    )
    .await
}

async fn refund_payment(
    state: Data<State>,
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let seen = seen(&request, Asked::Refund, state.find_payment(&id));
    handle(
        state,
        &request,
        Some(&body),
        |_| seen,
        |call| refund::of_payment(call, &id),
    )
    .await
}

async fn refund_charge(
    state: Data<State>,
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let seen = seen(&request, Asked::Refund, state.find_by_part(&id));
    handle(
        state,
        &request,
        Some(&body),
        |_| seen,
        |call| refund::of_charge(call, &id),
    )
    .await
}

async fn read_part(
    state: Data<State>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (part, id) = path.into_inner();
    handle_unrecorded(state, &request, |call| retrieve::part(call, &part, &id)).await
}

async fn cancel_refund(state: Data<State>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    handle_unrecorded(state, &request, |call| refund::cancel_pending(call, &id)).await
}

async fn retrieve_agreement(
    state: Data<State>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (kind, id) = path.into_inner();
    handle_unrecorded(state, &request, |call| {
        agreement::retrieve(call, kind_of(&kind), &id)
    })
    .await
}

async fn charge_agreement(
    state: Data<State>,
    request: HttpRequest,
    path: Path<(String, String)>,
    body: Bytes,
) -> HttpResponse {
    let (kind, id) = path.into_inner();
    let seen = |body: &Value| {
        let reference = body["myReference"].as_str()?;
        Some(Seen::new(Asked::Charge, reference, key_of(&request)))
    };
    handle(state, &request, Some(&body), seen, |call| {
        charge::charge(call, kind_of(&kind), &id)
    })
    .await
}

async fn charge_status(
    state: Data<State>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (kind, id) = path.into_inner();
    handle_unrecorded(state, &request, |call| {
        charge::status(call, kind_of(&kind), &id)
    })
    .await
}

/// Whatever has no route. A path with an empty id is answered 405.
pub(crate) async fn unknown_path(request: HttpRequest) -> HttpResponse {
    let is_empty_id = request.path().contains("//") || request.path().ends_with("/payments/");
    HttpResponse::build(if is_empty_id {
        StatusCode::METHOD_NOT_ALLOWED
    } else {
        StatusCode::NOT_FOUND
    })
    .finish()
}

fn kind_of(collection: &str) -> Kind {
    if collection == "subscriptions" {
        Kind::Subscription
    } else {
        Kind::Unscheduled
    }
}

fn key_of(request: &HttpRequest) -> Option<&str> {
    request.headers().get("Idempotency-Key")?.to_str().ok()
}

/// What is recorded of a call on a payment that is known, whoever makes it.
fn seen(request: &HttpRequest, asked: Asked, shared: Option<SharedPayment>) -> Option<Seen> {
    let shared = shared?;
    let reference = locked(&shared).my_reference.clone()?;
    Some(Seen::new(asked, reference, key_of(request)))
}

/// A call without a body that belongs to no payment's record.
async fn handle_unrecorded(
    state: Data<State>,
    request: &HttpRequest,
    work: impl FnOnce(&Call<'_>) -> Answer,
) -> HttpResponse {
    handle(state, request, None, |_| None, work).await
}

/// `body` is nothing where the call takes none.
async fn handle(
    state: Data<State>,
    request: &HttpRequest,
    body: Option<&Bytes>,
    seen: impl FnOnce(&Value) -> Option<Seen>,
    work: impl FnOnce(&Call<'_>) -> Answer,
) -> HttpResponse {
    let state = state.into_inner();
    let body = body.map(read_body);
    let value = body.as_ref().and_then(|body| body.as_ref().ok());
    let seen = seen(value.unwrap_or(&Value::Null));
    let fail = || respond(&state, Err(Problem::internal()));
    let work = || respond(&state, answer(&state, request, body, work));
    state.stage.pass(seen, fail, work).await
}

fn read_body(bytes: &Bytes) -> Result<Value, Problem> {
    let body = serde_json::from_slice::<Value>(bytes).ok();
    body.filter(Value::is_object)
        .ok_or_else(|| Problem::field("body", "The body must be a JSON object."))
}

fn answer(
    state: &Arc<State>,
    request: &HttpRequest,
    body: Option<Result<Value, Problem>>,
    work: impl FnOnce(&Call<'_>) -> Answer,
) -> Answer {
    let account = authorize(state, request)?;
    let body = body.transpose()?.unwrap_or(Value::Null);
    let key = key_of(request);
    super::replays::check(key)?;
    work(&Call {
        state,
        account,
        path: request.path(),
        key,
        body: &body,
    })
}

/// The account of the raw secret key; a scheme in front of it makes it another key.
fn authorize(state: &State, request: &HttpRequest) -> Result<usize, Problem> {
    let given = request.headers().get(AUTHORIZATION);
    let given = given.map(HeaderValue::as_bytes).unwrap_or_default();
    let mut accounts = state.accounts.iter();
    accounts
        .position(|account| bool::from(account.secret_key.as_bytes().ct_eq(given)))
        .ok_or(Problem::Empty(401))
}

/// The `Date` is the sandbox's, so that a session expires by it.
fn respond(state: &State, answer: Answer) -> HttpResponse {
    let (status, body) = match answer {
        Ok(answer) => answer,
        Err(problem) => (problem.status(), problem.to_json()),
    };
    let now = state.stage.clock.now();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((DATE, now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
    match body {
        None => response.finish(),
        Some(body) => response
            .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
            .body(body.to_string()),
    }
}
