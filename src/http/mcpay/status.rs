//! `GET /capi/mcpay/payments/{mcPayRef}`: how a payment stands, as stored (CONTRACT 4.2).

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, get};

use super::{StatusBody, admit};
use crate::http::app::App;
use crate::http::problem::Problem;
use crate::http::problem_responses::PageProblems;

/// How the payment stands.
#[utoipa::path(
    tag = "mcPay",
    context_path = "/capi/mcpay",
    params(("mcPayRef" = String, Path)),
    responses(
        (status = 200, body = StatusBody),
        PageProblems,
    )
)]
#[get("/payments/{mcPayRef}")]
pub async fn status(
    app: Data<App>,
    request: HttpRequest,
    reference: Path<String>,
) -> Result<Json<StatusBody>, Problem> {
    let reference = admit(&app, &request, &reference)?;
    let payments = app.payments.clone();
    let payment = app
        .run(async move { payments.get_payment(reference).await })
        .await??;
    Ok(Json(StatusBody::of(&payment)))
}
