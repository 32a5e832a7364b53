//! `POST /capi/v1/client/payment/{mcPayRef}/capture`: take what is authorised, or a part of it.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use utoipa::ToSchema;

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::ask::{RepeatKey, carry_out, id_in, read_ask};
use crate::http::client::told::OperationAnswer;
use crate::http::problem::Problem;
use crate::http::problem_responses::AskProblems;

/// May be left out altogether.
#[expect(dead_code, reason = "only its schema is used: Members reads the body")]
#[derive(ToSchema)]
pub struct CaptureBody {
    /// Major units, a number or a string; everything that is left when absent.
    #[schema(value_type = Option<String>, example = "100.00")]
    pub amount: Option<String>,
}

/// Captures an authorised payment. Captures of a part add up to at most what is authorised.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(
        ("mcPayRef" = String, Path),
        RepeatKey,
    ),
    request_body = CaptureBody,
    responses(
        (status = 200, description = "Done", body = OperationAnswer),
        (status = 202, description = "Accepted; an event tells the end", body = OperationAnswer),
        AskProblems,
    )
)]
#[post("/payment/{mcPayRef}/capture")]
pub async fn capture(
    app: Data<App>,
    backend: Backend,
    request: HttpRequest,
    reference: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let payment = id_in(&reference, "payment")?;
    let (asked, mut members) = read_ask(&backend.client, &request, payload).await?;
    let amount = members.amount("amount");
    members.finish()?;
    carry_out(&app, &request, |payments, teller| async move {
        payments.capture(&asked, payment, amount, &teller).await
    })
    .await
}
