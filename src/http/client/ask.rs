//! What every request that moves money has in common: its key, its body, and the work that goes on
//! to its end when the caller hangs up.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::IntoParams;

use super::members::Members;
use super::told::HttpTeller;
use crate::clients::ClientProfile;
use crate::http::app::App;
use crate::http::body::read_body;
use crate::http::idempotency;
use crate::http::middleware::request_id;
use crate::http::problem::{Code, Problem};
use crate::payments::Payments;
use crate::payments::asked::{AskError, Asked};
use crate::payments::ports::StoredAnswer;

/// The header under which a request may be repeated.
#[expect(
    dead_code,
    reason = "only its description is used: `idempotency` reads the header"
)]
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct RepeatKey {
    /// 1 to 255 visible characters; the same key and request get the first answer again
    #[param(rename = "Idempotency-Key")]
    key: String,
}

/// Reads a request: who asks under which key, and the members of the body.
///
/// # Errors
/// 400 naming the header or saying that the body is no JSON object, 413.
pub async fn read_ask(
    client: &ClientProfile,
    request: &HttpRequest,
    payload: Payload,
) -> Result<(Asked, Members), Problem> {
    let body = read_body(payload).await?;
    let asked = Asked {
        client: client.client.code.clone(),
        key: idempotency::get_key(request)?,
        body_hash: idempotency::request_hash(request.path(), &body),
    };
    Ok((asked, Members::read(&body)?))
}

/// Does it, and gives the answer that was kept for the key.
///
/// # Errors
/// Whatever kept it from being done.
pub async fn carry_out<F>(
    app: &Data<App>,
    request: &HttpRequest,
    work: impl FnOnce(Arc<Payments>, HttpTeller) -> F,
) -> Result<HttpResponse, Problem>
where
    F: Future<Output = Result<StoredAnswer, AskError>> + Send + 'static,
{
    let teller = HttpTeller {
        request_id: request_id(request),
    };
    let work = work(app.payments.clone(), teller);
    idempotency::give(app.run(work).await??)
}

/// An identifier out of the path.
///
/// # Errors
/// 404: what cannot be ours is not there.
pub fn id_in<T: std::str::FromStr>(path: &str, what: &str) -> Result<T, Problem> {
    let unknown = |_| Problem::detailed(Code::NotFound, format!("There is no such {what}."));
    path.parse().map_err(unknown)
}
