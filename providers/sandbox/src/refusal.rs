//! The refusal of a call that is no provider's: `_control`, `_calls`, `_payer` and `_clock`.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

/// Answered as `application/problem+json` (RFC 9457).
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    name: &'static str,
    description: String,
}

impl Refusal {
    /// 400: the part called `name` cannot be used.
    pub fn unreadable(name: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, name, description)
    }

    /// 404: there is no payment with this reference.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Reference",
            "The sandbox knows no payment with this reference.",
        )
    }

    /// 409: the payer can do nothing, because of how the payment stands.
    pub fn conflict(description: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Payer", description)
    }

    fn new(status: StatusCode, name: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            name,
            description: description.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.name, self.description)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.description,
            "problems": [{ "name": self.name, "description": self.description }],
        });
        HttpResponse::build(self.status)
            .content_type("application/problem+json")
            .body(body.to_string())
    }
}
