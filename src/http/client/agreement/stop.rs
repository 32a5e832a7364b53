//! `POST /capi/v1/client/agreement/{agreementId}/stop`: end an agreement.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::ask::{RepeatKey, carry_out, id_in, read_ask};
use crate::http::client::told::StopAnswer;
use crate::http::problem::Problem;
use crate::http::problem_responses::AskProblems;

/// Ends an agreement: no charge is made under it any more.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(
        ("agreementId" = String, Path),
        RepeatKey,
    ),
    responses(
        (status = 200, body = StopAnswer),
        AskProblems,
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
