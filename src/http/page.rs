//! Pages for browsers: small, without JavaScript, never stored.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use actix_web::{HttpResponse, ResponseError as _};
use askama::Template;

use super::problem::{Code, Problem};

/// For a browser that comes to us while something is wrong.
#[derive(Template)]
#[template(path = "stranded.html")]
struct StrandedPage<'a> {
    title: &'a str,
    detail: &'a str,
    /// Whether it is worth asking again.
    tries_again: bool,
}

/// A problem as a page: a payer does not read JSON.
pub fn strand(problem: &Problem) -> Result<HttpResponse, Problem> {
    let status = problem.status_code();
    page(
        status,
        &StrandedPage {
            title: problem.code.title(),
            detail: &problem.detail,
            tries_again: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
        },
    )
}

pub fn page(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Problem> {
    let html = template
        .render()
        .map_err(|_| Problem::new(Code::Internal))?;
    Ok(HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .content_type("text/html; charset=utf-8")
        .body(html))
}
