//! `POST /capi/v1/client/order/fulfillment`: a backend completes an order without a browser
//! (CONTRACT 5).

use actix_web::post;
use actix_web::web::{Data, Json, Payload, ServiceConfig};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::body::read_body;
use crate::http::method::refuse_other_methods;
use crate::http::problem::{Problem, ProblemBody};
use crate::orders::body::Object;
use crate::orders::complete::Completion;
use crate::orders::order::OrderId;
use crate::orders::service::OrderTrouble;
use crate::payments::terms::FieldError;

pub fn routes(config: &mut ServiceConfig) {
    config.service(fulfil);
    refuse_other_methods(config, &[("/order/fulfillment", "POST")]);
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct FulfillmentBody {
    pub order_id: i64,
    /// Called with GET and `fulfillmentStatus=success` or `failed` once the order has ended; on
    /// one of the client's allowed origins.
    pub callback_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentAnswer {
    /// `OK` or `ERROR`.
    #[schema(example = "OK")]
    pub fulfillment_status: &'static str,
    pub order_id: i64,
    pub error_message: Option<&'static str>,
}

/// Completes an order that is paid, or that needs no payment here.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    request_body = FulfillmentBody,
    responses(
        (status = 200, body = FulfillmentAnswer),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/order/fulfillment")]
pub async fn fulfil(
    app: Data<App>,
    backend: Backend,
    payload: Payload,
) -> Result<Json<FulfillmentAnswer>, Problem> {
    let body = read_body(payload).await?;
    let asked = parse(&body).map_err(OrderTrouble::Fields)?;
    // What no order can have, no order has.
    let id = OrderId::new(asked.order_id).ok_or(OrderTrouble::NotFound)?;
    let orders = app.orders.clone();
    let profile = backend.client;
    let completion = app
        .run(async move {
            let call_back = asked.callback_url.as_deref();
            orders.complete(&profile, id, call_back).await
        })
        .await??;
    let (fulfillment_status, error_message) = match completion {
        Completion::Fulfilled => ("OK", None),
        Completion::Not(why) => ("ERROR", Some(why)),
    };
    Ok(Json(FulfillmentAnswer {
        fulfillment_status,
        order_id: id.get(),
        error_message,
    }))
}

/// Every broken member is told at once.
fn parse(body: &[u8]) -> Result<FulfillmentBody, Vec<FieldError>> {
    let Some(body) = Object::read(body) else {
        let message = "must be a JSON object.";
        return Err(vec![FieldError::new("body", "invalid", message)]);
    };
    let mut errors = Vec::new();
    let order_id: Option<i64> = body.get("orderId").and_then(|text| text.parse().ok());
    if order_id.is_none() {
        let is_there = body.get("orderId").is_some();
        let code = if is_there { "invalid" } else { "required" };
        errors.push(FieldError::new(
            "orderId",
            code,
            "must be a whole JSON number.",
        ));
    }
    let callback_url = body.find_text("callbackUrl");
    if callback_url.is_none() && body.get("callbackUrl").is_some() {
        errors.push(FieldError::new(
            "callbackUrl",
            "invalid",
            "must be a JSON string.",
        ));
    }
    match order_id {
        Some(order_id) if errors.is_empty() => Ok(FulfillmentBody {
            order_id,
            callback_url,
        }),
        _ => Err(errors),
    }
}
