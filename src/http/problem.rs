//! Errors as the outside sees them: problem+json with the two members that existing ConnectID
//! clients read (CONTRACT 4.5). The only place that knows status codes.
//!
//! What must never be in a body: the cause of a 5xx, a key, a token, a personal datum.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use mcpay_port::PaymentRef;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The stable code of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    InvalidRequest,
    InvalidSign,
    ExternalReferenceUsed,
    IdempotencyConflict,
    RequestInProgress,
    PaymentMethodUnavailable,
    NotFound,
    MethodNotAllowed,
    ProviderRefused,
    ProviderUnavailable,
    OutcomeUnknown,
    RateLimited,
    PayloadTooLarge,
    Unavailable,
    Internal,
}

impl Code {
    pub const ALL: [Self; 15] = [
        Self::InvalidRequest,
        Self::InvalidSign,
        Self::ExternalReferenceUsed,
        Self::IdempotencyConflict,
        Self::RequestInProgress,
        Self::PaymentMethodUnavailable,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::ProviderRefused,
        Self::ProviderUnavailable,
        Self::OutcomeUnknown,
        Self::RateLimited,
        Self::PayloadTooLarge,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Status, code, title and the exception name for ConnectID clients.
    const fn row(self) -> (u16, &'static str, &'static str, &'static str) {
        match self {
            Self::InvalidRequest => (
                400,
                "invalid_request",
                "The request is not valid",
                "InvalidRequestException",
            ),
            Self::InvalidSign => (
                401,
                "invalid_sign",
                "The signature is not valid",
                "InvalidSignException",
            ),
            Self::ExternalReferenceUsed => (
                409,
                "external_reference_used",
                "The external reference was used before",
                "ExternalReferenceUsedException",
            ),
            Self::IdempotencyConflict => (
                422,
                "idempotency_conflict",
                "The Idempotency-Key came with another body",
                "IdempotencyConflictException",
            ),
            Self::RequestInProgress => (
                409,
                "request_in_progress",
                "The same request is still being worked on",
                "RequestInProgressException",
            ),
            Self::PaymentMethodUnavailable => (
                400,
                "payment_method_unavailable",
                "The payment method is not set up",
                "PaymentMethodUnavailableException",
            ),
            Self::NotFound => (
                404,
                "not_found",
                "There is no such thing",
                "NotFoundException",
            ),
            Self::MethodNotAllowed => (
                405,
                "method_not_allowed",
                "The address does not take this method",
                "MethodNotAllowedException",
            ),
            Self::ProviderRefused => (
                502,
                "provider_refused",
                "The payment provider refused the request",
                "ProviderRefusedException",
            ),
            Self::ProviderUnavailable => (
                503,
                "provider_unavailable",
                "The payment provider cannot be reached",
                "ProviderUnavailableException",
            ),
            Self::OutcomeUnknown => (
                504,
                "outcome_unknown",
                "It is not known yet what became of the payment",
                "OutcomeUnknownException",
            ),
            Self::RateLimited => (
                429,
                "rate_limited",
                "Too many requests",
                "RateLimitException",
            ),
            Self::PayloadTooLarge => (
                413,
                "payload_too_large",
                "The body is too large",
                "PayloadTooLargeException",
            ),
            Self::Unavailable => (
                503,
                "unavailable",
                "The service is not available right now",
                "UnavailableException",
            ),
            Self::Internal => (
                500,
                "internal",
                "Something went wrong here",
                "InternalException",
            ),
        }
    }

    pub const fn as_str(self) -> &'static str {
        self.row().1
    }

    pub const fn status(self) -> u16 {
        self.row().0
    }

    pub const fn title(self) -> &'static str {
        self.row().2
    }
}

/// One broken field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    pub field: String,
    pub code: String,
    pub message: String,
}

/// What the provider said when it refused; no personal data.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProviderResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A problem before it has a request id.
#[derive(Clone, Debug)]
pub struct Problem {
    pub code: Code,
    pub detail: String,
    pub errors: Vec<FieldProblem>,
    pub provider_response: Option<ProviderResponse>,
    pub payment: Option<PaymentRef>,
    pub retry_after_seconds: Option<u64>,
}

/// The body of CONTRACT 4.5.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemBody {
    /// Where the code is explained.
    #[schema(example = "/docs/problems#invalid_sign")]
    pub r#type: String,
    pub title: &'static str,
    pub status: u16,
    pub detail: String,
    pub code: &'static str,
    /// For existing ConnectID clients.
    pub exception_type: &'static str,
    /// For existing ConnectID clients; the same as `detail`.
    pub error_message: String,
    pub request_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_response: Option<ProviderResponse>,
    #[serde(rename = "mcPayRef", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub payment: Option<PaymentRef>,
}

impl Problem {
    /// The code alone; its title is the detail.
    pub fn new(code: Code) -> Self {
        Self::detailed(code, format!("{}.", code.title()))
    }

    pub fn detailed(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            provider_response: None,
            payment: None,
            retry_after_seconds: None,
        }
    }

    pub fn body(&self, request_id: &str) -> ProblemBody {
        let (status, code, title, exception_type) = self.code.row();
        ProblemBody {
            r#type: format!("/docs/problems#{code}"),
            title,
            status,
            detail: self.detail.clone(),
            code,
            exception_type,
            error_message: self.detail.clone(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
            provider_response: self.provider_response.clone(),
            payment: self.payment,
        }
    }

    pub fn response(&self, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        if let Some(seconds) = self.retry_after_seconds {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.json(self.body(request_id))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Without a request id: `middleware::describe_problems` writes it in.
    fn error_response(&self) -> HttpResponse {
        self.response("")
    }
}
