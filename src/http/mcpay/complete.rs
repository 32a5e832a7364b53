//! `POST /capi/mcpay/payments/{mcPayRef}/complete`: the provider's view reports an end; ask the
//! provider whether it is true (CONTRACT 4.3).

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, post};

use super::{StatusBody, admit};
use crate::http::app::App;
use crate::http::problem::Problem;
use crate::http::problem_responses::PageProblems;

/// Asks the provider how the payment stands.
#[utoipa::path(
    tag = "mcPay",
    context_path = "/capi/mcpay",
    params(("mcPayRef" = String, Path)),
    responses(
        (status = 200, body = StatusBody),
        PageProblems,
    )
)]
#[post("/payments/{mcPayRef}/complete")]
pub async fn complete(
    app: Data<App>,
    request: HttpRequest,
    reference: Path<String>,
) -> Result<Json<StatusBody>, Problem> {
    let reference = admit(&app, &request, &reference)?;
    let payments = app.payments.clone();
    let payment = app
        .run(async move { payments.inquire(reference).await })
        .await??;
    Ok(Json(StatusBody::of(&payment)))
}
