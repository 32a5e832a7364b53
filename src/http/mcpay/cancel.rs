//! `POST /capi/mcpay/payments/{mcPayRef}/cancel`: the payer gives up (CONTRACT 4.3).

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, post};

use super::{StatusBody, admit};
use crate::http::app::App;
use crate::http::problem::Problem;
use crate::http::problem_responses::PageProblems;
use crate::payments::payment::Reason;

/// Closes a payment that is not yet authorised; answers how it then stands.
#[utoipa::path(
    tag = "mcPay",
    context_path = "/capi/mcpay",
    params(("mcPayRef" = String, Path)),
    responses(
        (status = 200, body = StatusBody),
        PageProblems,
    )
)]
#[post("/payments/{mcPayRef}/cancel")]
pub async fn cancel(
    app: Data<App>,
    request: HttpRequest,
    reference: Path<String>,
) -> Result<Json<StatusBody>, Problem> {
    let reference = admit(&app, &request, &reference)?;
    let payments = app.payments.clone();
    let payment = app
        .run(async move { payments.close(reference, Reason::Cancel).await })
        .await??;
    Ok(Json(StatusBody::of(&payment)))
}
