//! `POST /capi/v1/client/payment/{mcPayRef}/cancel`: release everything that is not captured.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::ask::{RepeatKey, carry_out, id_in, read_ask};
use crate::http::client::told::OperationAnswer;
use crate::http::problem::Problem;
use crate::http::problem_responses::AskProblems;

/// Releases everything that is authorised and not captured. Takes no amount.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(
        ("mcPayRef" = String, Path),
        RepeatKey,
    ),
    responses(
        (status = 200, description = "Done", body = OperationAnswer),
        (status = 202, description = "Accepted; an event tells the end", body = OperationAnswer),
        AskProblems,
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
