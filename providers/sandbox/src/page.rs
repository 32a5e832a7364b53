//! What the pages that a payer sees have in common: one style sheet, and headers that keep their
//! addresses secret. The HTML is the simulator's own.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder, Route, web};

const STYLE: &str = include_str!("style.css");

/// The style sheet, to be routed where the pages link it.
pub fn style() -> Route {
    web::get().to(|| async {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
            .insert_header((CACHE_CONTROL, "public, max-age=300"))
            .body(STYLE)
    })
}

/// A whole page. `embedders` are the origins that may embed it, and only such a page may run a
/// script of this origin; none for a page of its own.
pub fn show(status: StatusCode, html: String, embedders: Option<&[String]>) -> HttpResponse {
    let (scripts, ancestors) = match embedders {
        Some(origins) => ("script-src 'self'; ", origins.join(" ")),
        None => ("", "'none'".to_owned()),
    };
    // No form-action: browsers apply it to the redirect after a form too, which goes to the shop.
    let policy = format!(
        "default-src 'none'; style-src 'self'; {scripts}base-uri 'none'; \
         frame-ancestors {ancestors}"
    );
    private(&mut HttpResponse::build(status))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// Sends the browser on with GET.
pub fn go(url: &str) -> HttpResponse {
    private(&mut HttpResponse::SeeOther())
        .insert_header((LOCATION, url))
        .finish()
}

/// The address of these pages is a secret, so it is neither cached nor told to others.
fn private(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
}
