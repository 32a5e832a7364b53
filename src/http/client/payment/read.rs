//! `GET /capi/v1/client/payment/{mcPayRef}`: one payment, what was tried on it, and what was told.

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use chrono::{DateTime, Utc};
use mcpay_port::{OperationId, PaymentRef};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{PaymentBody, major};
use crate::events::Event;
use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::ask::id_in;
use crate::http::problem::Problem;
use crate::http::problem_responses::ReadProblems;
use crate::payments::operation::StoredOperation;
use crate::payments::profile::StoredProfile;

/// A payment with its operations, newest first, and its events, oldest first.
#[derive(Serialize, ToSchema)]
pub struct PaymentDetailsBody {
    #[serde(flatten)]
    pub payment: PaymentBody,
    /// Who paid, as the payer permitted the provider to tell for this payment's `paymentScope`: the
    /// provider's claims, and `sub` from the moment it is known. Gone 168 hours after the approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub profile: Option<ProfileBody>,
    pub operations: Vec<OperationBody>,
    pub timeline: Vec<TimelineEntry>,
}

/// The provider's claims as it tells them. No `Debug`: they are about a person.
#[derive(Serialize)]
#[serde(transparent)]
pub struct ProfileBody(Map<String, Value>);

/// One attempt on a payment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationBody {
    #[schema(value_type = String)]
    pub operation_id: OperationId,
    /// `initiate`, `close`, `capture`, `cancel`, `refund`, `charge` or `stop`.
    #[schema(example = "capture")]
    pub kind: &'static str,
    /// `requested`, `done`, `accepted`, `failed` or `unknown`.
    #[schema(example = "done")]
    pub status: &'static str,
    /// Absent where the operation is about everything there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The provider's code for a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub requested_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<i64>,
}

/// One event of the payment: how it stood from then on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimelineEntry {
    #[schema(example = "payment.captured")]
    pub r#type: String,
    pub time: DateTime<Utc>,
    /// What [`PaymentBody::state`] was then.
    #[schema(example = "captured")]
    pub status: String,
    pub authorized_amount: String,
    pub captured_amount: String,
    pub refunded_amount: String,
    pub cancelled_amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Tells how a payment stands, what was tried on it, and its events.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(("mcPayRef" = String, Path)),
    responses(
        (status = 200, body = PaymentDetailsBody),
        ReadProblems,
    )
)]
#[get("/payment/{mcPayRef}")]
pub async fn read(
    app: Data<App>,
    backend: Backend,
    reference: Path<String>,
) -> Result<Json<PaymentDetailsBody>, Problem> {
    let reference: PaymentRef = id_in(&reference, "payment")?;
    let (payments, events) = (app.payments.clone(), app.events.clone());
    let client = backend.client.client.code.clone();
    let (details, told) = app
        .run(async move {
            let details = payments.read_payment(&client, reference).await?;
            let told = events
                .find_events_of(&client, &reference.to_string())
                .await?;
            Ok::<_, Problem>((details, told))
        })
        .await??;
    Ok(Json(PaymentDetailsBody {
        payment: PaymentBody::of(&details.payment),
        profile: details.profile.as_ref().map(ProfileBody::of),
        operations: details
            .operations
            .into_iter()
            .map(OperationBody::of)
            .collect(),
        timeline: told.into_iter().map(TimelineEntry::of).collect(),
    }))
}

impl ProfileBody {
    fn of(profile: &StoredProfile) -> Self {
        let told = profile.told.as_ref();
        let mut claims: Map<String, Value> = told
            .and_then(|told| serde_json::from_str(told.0.expose_secret()).ok())
            .unwrap_or_default();
        let subject = profile.subject.expose_secret();
        claims.insert("sub".to_owned(), Value::from(subject));
        Self(claims)
    }
}

impl OperationBody {
    fn of(stored: StoredOperation) -> Self {
        Self {
            operation_id: stored.operation.id,
            kind: stored.kind.as_str(),
            status: stored.status.as_str(),
            amount: stored.amount.map(major),
            code: stored.code,
            requested_at: stored.requested_at,
            finished_at: stored.finished_at,
            order_id: stored.order,
        }
    }
}

impl TimelineEntry {
    fn of(event: Event) -> Self {
        let told = |name: &str| {
            event
                .data
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let amount = |name: &str| told(name).unwrap_or_default();
        Self {
            time: event.occurred_at,
            status: told("status").unwrap_or_default(),
            authorized_amount: amount("authorizedAmount"),
            captured_amount: amount("capturedAmount"),
            refunded_amount: amount("refundedAmount"),
            cancelled_amount: amount("cancelledAmount"),
            reason: told("reason"),
            r#type: event.kind,
        }
    }
}
