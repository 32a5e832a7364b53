//! `POST /capi/v1/client/payment/{mcPayRef}/cancel`: release everything that is not captured.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::ask::{carry_out, id_in, read_ask};
use crate::http::client::told::OperationAnswer;
use crate::http::problem::{Problem, ProblemBody};

/// Releases everything that is authorised and not captured. Takes no amount.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(
        ("mcPayRef" = String, Path),
        ("Idempotency-Key" = String, Header, description =
            "1 to 255 visible characters; the same key and request get the first answer again"),
    ),
    responses(
        (status = 200, description = "Done", body = OperationAnswer),
        (status = 202, description = "Accepted; an event tells the end", body = OperationAnswer),
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
#[post("/payment/{mcPayRef}/cancel")]
pub async fn cancel(
    app: Data<App>,
    backend: Backend,
    request: HttpRequest,
    reference: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let payment = id_in(&reference, "payment")?;
    let (asked, mut members) = read_ask(&backend.client, &request, payload).await?;
    if members.has("amount") {
        let message = "cannot be given: a cancel releases everything that is not captured.";
        members.refuse("amount", "not_allowed", message);
    }
    members.finish()?;
    carry_out(&app, &request, |payments, teller| async move {
        payments.cancel(&asked, payment, &teller).await
    })
    .await
}
