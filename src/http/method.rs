//! Wrong methods on known addresses.

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::{Data, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};

use super::app::App;
use super::middleware::request_id;
use super::problem::{Code, Problem};
use super::rate_limit;

/// Registers, for addresses with what each takes, a 405 for all else. Call it after the services
/// that take the right methods only.
pub fn refuse_other_methods(config: &mut ServiceConfig, methods: &[(&str, &'static str)]) {
    for (path, allowed) in methods.iter().copied() {
        let refuse = move |app: Data<App>, request: HttpRequest| async move {
            refuse_method(&app, &request, allowed)
        };
        config.service(resource(path).to(refuse));
    }
}

/// 405 with the methods that the address takes, as RFC 9110 wants it.
fn refuse_method(
    app: &App,
    request: &HttpRequest,
    allowed: &'static str,
) -> Result<HttpResponse, Problem> {
    let address = app.trusted_proxies.client_of(request);
    rate_limit::note(request, app.limits.admit_address(address, None)?);
    let mut response = Problem::new(Code::MethodNotAllowed).response(&request_id(request));
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(allowed));
    Ok(response)
}
