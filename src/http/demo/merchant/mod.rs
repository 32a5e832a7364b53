//! The merchant's desk: what a merchant's backend does with the client API, as pages of forms that
//! work without JavaScript. Each form carries its own `Idempotency-Key`, so that a second click or
//! a reload does nothing twice.

mod act;
mod backend;
mod desk;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::web::ServiceConfig;
use askama::Template;
use serde_json::Value;
use uuid::Uuid;

use crate::http::problem::{Code, Problem};

pub use backend::Backend;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(desk::list)
        .service(desk::desk)
        .service(act::act);
}

/// What the API said, for people: the status and the body, as it came.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn is_good(&self) -> bool {
        self.status < 400
    }

    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(&self.body).unwrap_or_default()
    }
}

/// What is told of a payment: a label and the member it comes from.
const FACTS: [(&str, &str); 8] = [
    ("Reference", "mcPayRef"),
    ("Method", "paymentMethod"),
    ("Shop reference", "externalReference"),
    ("Reserved", "authorizedAmount"),
    ("Captured", "capturedAmount"),
    ("Refunded", "refundedAmount"),
    ("Released", "cancelledAmount"),
    ("Agreement", "agreementId"),
];

/// The colour of a payment's badge.
fn tone(payment: &Value) -> &'static str {
    match payment["status"].as_str() {
        Some("success") => "good",
        Some("failure") => "bad",
        _ => "",
    }
}

/// A page without a script, under a policy that allows none.
fn page(template: &impl Template) -> Result<HttpResponse, Problem> {
    let html = template
        .render()
        .map_err(|_| Problem::new(Code::Internal))?;
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                  form-action 'self'; frame-ancestors 'none'";
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html))
}

/// A key for one form.
fn fresh_key() -> String {
    Uuid::new_v4().to_string()
}

/// A member's text, or a number as it is written; empty when absent.
fn text(value: &Value, name: &str) -> String {
    match &value[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A moment, to the second, as people write it.
fn moment(object: &Value, name: &str) -> String {
    let text = text(object, name);
    let second: String = text.chars().take("2026-11-21T09:00:00".len()).collect();
    second.replace('T', " ")
}
