//! `GET /capi/v1/client/agreement/{agreementId}`: how an agreement stands.

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use chrono::{DateTime, Utc};
use mcpay_port::{AgreementId, PaymentMethod, PaymentRef};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::ask::id_in;
use crate::http::client::payment::major;
use crate::http::problem::Problem;
use crate::http::problem_responses::ReadProblems;
use crate::payments::agreement::Agreement;

/// A standing permission to charge.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgreementBody {
    #[schema(value_type = String)]
    pub agreement_id: AgreementId,
    /// `pending`, `active` or `stopped`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// The payment that opened it.
    #[serde(rename = "mcPayRef")]
    #[schema(value_type = String)]
    pub payment: PaymentRef,
    pub payment_method: PaymentMethod,
    #[schema(example = "NOK")]
    pub currency: &'static str,
    /// The recurring price, a decimal string in major units.
    #[schema(example = "349.00")]
    pub amount: String,
    pub product_spec_code: String,
    pub product_spec_no: i64,
    pub created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<DateTime<Utc>>,
}

/// Tells how an agreement stands.
#[utoipa::path(
    tag = "Client",
    operation_id = "read_agreement",
    context_path = "/capi/v1/client",
    params(("agreementId" = String, Path)),
    responses(
        (status = 200, body = AgreementBody),
        ReadProblems,
    )
)]
#[get("/agreement/{agreementId}")]
pub async fn read(
    app: Data<App>,
    backend: Backend,
    agreement: Path<String>,
) -> Result<Json<AgreementBody>, Problem> {
    let id: AgreementId = id_in(&agreement, "agreement")?;
    let (payments, client) = (app.payments.clone(), backend.client.client.code.clone());
    let agreement = app
        .run(async move { payments.read_agreement(&client, id).await })
        .await??;
    Ok(Json(AgreementBody::of(agreement)))
}

impl AgreementBody {
    fn of(agreement: Agreement) -> Self {
        Self {
            agreement_id: agreement.id,
            status: agreement.status.as_str(),
            payment: agreement.first_payment,
            payment_method: agreement.method,
            currency: agreement.amount.currency().code(),
            amount: major(agreement.amount),
            product_spec_code: agreement.coupon.code,
            product_spec_no: agreement.coupon.number,
            created_at: agreement.created_at,
            activated_at: agreement.activated_at,
            stopped_at: agreement.stopped_at,
        }
    }
}
