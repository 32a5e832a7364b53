//! `POST /capi/v1/client/payment/{mcPayRef}/refund`: give back what was captured, or a part of it.

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
#[schema(rename_all = "camelCase")]
pub struct RefundBody {
    /// Major units, a number or a string; everything that is left when absent.
    #[schema(value_type = Option<String>, example = "49.00")]
    pub amount: Option<String>,
    /// The order that it is for; required where the payment pays for several.
    pub order_id: Option<i64>,
}

/// Refunds a captured payment. Refunds add up to at most what is captured.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(
        ("mcPayRef" = String, Path),
        RepeatKey,
    ),
    request_body = RefundBody,
    responses(
        (status = 200, description = "Done", body = OperationAnswer),
        (status = 202, description = "Accepted; an event tells the end", body = OperationAnswer),
        AskProblems,
    )
)]
#[post("/payment/{mcPayRef}/refund")]
pub async fn refund(
    app: Data<App>,
    backend: Backend,
    request: HttpRequest,
    reference: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let payment = id_in(&reference, "payment")?;
    let (asked, mut members) = read_ask(&backend.client, &request, payload).await?;
    let amount = members.amount("amount");
    let order = members.id("orderId");
    members.finish()?;
    carry_out(&app, &request, |payments, teller| async move {
        payments
            .refund(&asked, payment, order, amount, &teller)
            .await
    })
    .await
}
