//! Errors as the outside sees them: problem+json with the two members that existing ConnectID
//! clients read (CONTRACT 4.5). The only place that knows status codes.
//!
//! What must never be in a body: the cause of a 5xx, a key, a token, a personal datum.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use mcpay_port::PaymentRef;
use serde::Serialize;
use utoipa::ToSchema;

pub use super::code::Code;

/// The media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

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
    /// What `WWW-Authenticate` says, where a token is missing or wrong.
    pub challenge: Option<&'static str>,
}

/// The body of every error.
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
            challenge: None,
        }
    }

    pub fn body(&self, request_id: &str) -> ProblemBody {
        let code = self.code.as_str();
        ProblemBody {
            r#type: format!("/docs/problems#{code}"),
            title: self.code.title(),
            status: self.code.status(),
            detail: self.detail.clone(),
            code,
            exception_type: self.code.exception_type(),
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
        if let Some(challenge) = self.challenge {
            response.insert_header((WWW_AUTHENTICATE, challenge));
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
