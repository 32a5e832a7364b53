//! `POST /capi/v1/client/agreement/{agreementId}/stop`: end an agreement.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::ask::{carry_out, id_in, read_ask};
use crate::http::client::told::StopAnswer;
use crate::http::problem::{Problem, ProblemBody};

/// Ends an agreement: no charge is made under it any more.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(
        ("agreementId" = String, Path),
        ("Idempotency-Key" = String, Header, description =
            "1 to 255 visible characters; the same key and request get the first answer again"),
    ),
    responses(
        (status = 200, body = StopAnswer),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json"),
        (status = 504, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/agreement/{agreementId}/stop")]
pub async fn stop(
    app: Data<App>,
    backend: Backend,
    request: HttpRequest,
    agreement: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let agreement = id_in(&agreement, "agreement")?;
    let (asked, members) = read_ask(&backend.client, &request, payload).await?;
    members.finish()?;
    carry_out(&app, &request, |payments, teller| async move {
        payments.stop(&asked, agreement, &teller).await
    })
    .await
}
