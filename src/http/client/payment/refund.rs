//! `POST /capi/v1/client/payment/{mcPayRef}/refund`: give back what was captured, or a part of it.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use utoipa::ToSchema;

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::ask::{carry_out, id_in, read_ask};
use crate::http::client::told::OperationAnswer;
use crate::http::problem::{Problem, ProblemBody};

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
        ("Idempotency-Key" = String, Header, description =
            "1 to 255 visible characters; the same key and request get the first answer again"),
    ),
    request_body = RefundBody,
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
