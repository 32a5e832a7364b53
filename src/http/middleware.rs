//! What is done to every answer: a request id, problems completed with it, and the headers that
//! all `/capi` answers carry.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest};
use tracing_actix_web::RequestId;

use super::problem::{Code, PROBLEM_JSON, Problem};
use super::rate_limit::Allowance;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const API_VERSION: HeaderName = HeaderName::from_static("x-mediaconnect-api-version");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Headers of an inner layer that its problem keeps.
const KEPT: [&str; 3] = ["vary", "cache-control", "pragma"];

/// The id that logs and problem bodies share.
pub fn request_id(request: &HttpRequest) -> String {
    request
        .extensions()
        .get::<RequestId>()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// Gives every error a problem body with the request id, also those that the framework made.
pub async fn describe_problems(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let id = request_id(response.request());
    let problem = problem_in(&response);
    let mut response = match problem {
        Some(problem) => {
            // What the inner layers said about origins and limits stays.
            let kept: Vec<_> = response
                .headers()
                .iter()
                .filter(|(name, _)| {
                    let name = name.as_str();
                    name.starts_with("access-control-")
                        || name.starts_with("x-")
                        || KEPT.contains(&name)
                })
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let mut described = response.into_response(problem.response(&id));
            for (name, value) in kept {
                described.headers_mut().insert(name, value);
            }
            described
        }
        None => response,
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response)
}

/// The problem that a response stands for, where it is one without a proper body.
fn problem_in(response: &ServiceResponse<BoxBody>) -> Option<Problem> {
    if let Some(error) = response.response().error() {
        if let Some(problem) = error.as_error::<Problem>() {
            return Some(problem.clone());
        }
        // A simulator's refusal, in its own words.
        let kind = response.headers().get(CONTENT_TYPE);
        if kind.is_some_and(|kind| kind == PROBLEM_JSON) {
            return None;
        }
        return Some(match response.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::PayloadTooLarge),
            StatusCode::NOT_FOUND => Problem::new(Code::NotFound),
            status if status.is_client_error() => Problem::new(Code::InvalidRequest),
            _ => {
                tracing::error!(%error, "an answer could not be made");
                Problem::new(Code::Internal)
            }
        });
    }
    let is_empty = matches!(
        response.response().body().size(),
        BodySize::None | BodySize::Sized(0)
    );
    match response.status() {
        StatusCode::NOT_FOUND if is_empty => Some(Problem::new(Code::NotFound)),
        StatusCode::METHOD_NOT_ALLOWED if is_empty => Some(Problem::new(Code::MethodNotAllowed)),
        // The compression refuses before any handler is asked, in words of its own.
        StatusCode::NOT_ACCEPTABLE => Some(Problem::detailed(
            Code::InvalidRequest,
            "The Accept-Encoding header leaves no way to answer. Allow identity, gzip or br.",
        )),
        _ => None,
    }
}

/// CONTRACT 5: the three headers of every `/capi` answer.
pub async fn capi_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let allowance = response.request().extensions().get::<Allowance>().copied();
    let headers = response.headers_mut();
    headers.insert(
        API_VERSION,
        HeaderValue::from_static(env!("CARGO_PKG_VERSION")),
    );
    let allowance = allowance.unwrap_or(Allowance {
        remaining: 0,
        reset_seconds: 1,
    });
    headers.insert(REMAINING, HeaderValue::from(allowance.remaining));
    headers.insert(RESET, HeaderValue::from(allowance.reset_seconds));
    Ok(response)
}
