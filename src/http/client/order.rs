//! `POST /capi/v1/client/order` and `GET /capi/v1/client/order/status/{orderId}` (CONTRACT 5).

use actix_web::web::{Data, Json, Path, Payload, ServiceConfig};
use actix_web::{get, post};
use mcpay_port::{Money, PaymentRef};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::body::read_body;
use crate::http::method::refuse_other_methods;
use crate::http::problem::{Code, Problem, ProblemBody};
use crate::http::problem_responses::ReadProblems;
use crate::orders::body::LineDetails;
use crate::orders::look_up::OrderView;
use crate::orders::order::OrderId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(register).service(status);
    refuse_other_methods(
        config,
        &[("/order", "POST"), ("/order/status/{orderId}", "GET")],
    );
}

/// The answer to a registration.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderAnswer {
    /// A whole number below 2^53.
    #[schema(example = 4_503_599_627_370_497_i64)]
    pub order_id: i64,
}

/// What a backend sends; members that are not listed are kept and not read.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "only describes the body, which is read without rounding"
)]
pub struct OrderBody {
    /// The merchant's own id, unique for the client, at most 40 characters. The same id with the
    /// same body gets the same orderId.
    external_order_id: Option<String>,
    /// `2026-11-21` or a time as RFC 3339 writes it.
    order_date: Option<String>,
    /// `creditcardPayex`, `nexi`, `vippsRecurring`, `vippsEcommerce`, `invoice`, `free`, `sms`,
    /// `smsPay`, `kco`, `swishPayex`, `other`, `creditcard` or `masterpass`.
    payment_method: String,
    /// Major units. The sum of the lines where all have a price, and then not needed; with
    /// `mcPayRef` the payment's amount.
    #[schema(value_type = Option<f64>, example = 349.00)]
    order_amount: Option<serde_json::Number>,
    /// ISO 4217; else the payment's, the coupon's, the client's.
    currency: Option<String>,
    marketing_coupon_code: Option<String>,
    marketing_coupon_number: Option<i64>,
    /// `companyName` or `lastName`, and `emails` or `phoneNumbers`, are required.
    #[schema(value_type = Object)]
    payer: serde_json::Value,
    order_lines: Vec<OrderLineBody>,
    /// Paid elsewhere, says the merchant.
    prepaid: Option<bool>,
    recurring: Option<bool>,
    /// The payment of the library that pays for the order.
    #[schema(rename = "mcPayRef")]
    mc_pay_ref: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "only describes the body, which is read without rounding"
)]
pub struct OrderLineBody {
    /// 1 when absent.
    quantity: Option<i64>,
    /// Major units.
    #[schema(value_type = Option<f64>, example = 349.00)]
    unit_price: Option<serde_json::Number>,
    product_spec_type: Option<String>,
    product_spec_code: Option<String>,
    product_spec_no: Option<i64>,
    product: Option<String>,
}

/// Registers an order.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    request_body = OrderBody,
    responses(
        (status = 200, body = OrderAnswer),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/order")]
pub async fn register(
    app: Data<App>,
    backend: Backend,
    payload: Payload,
) -> Result<Json<OrderAnswer>, Problem> {
    let body = read_body(payload).await?;
    let orders = app.orders.clone();
    let profile = backend.client;
    let id = app
        .run(async move { orders.register(&profile, &body).await })
        .await??;
    Ok(Json(OrderAnswer { order_id: id.get() }))
}

/// The answer to a question for an order's status: one order in a list.
#[derive(Serialize, ToSchema)]
pub struct OrdersBody {
    pub orders: Vec<OrderStatusBody>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderStatusBody {
    pub order_id: i64,
    pub external_order_id: Option<String>,
    /// Milliseconds since 1970.
    pub order_time: i64,
    /// `preliminary`, `fulfilled`, `failed` or `cancelled`.
    #[schema(example = "preliminary")]
    pub order_status: &'static str,
    /// Major units.
    #[schema(value_type = f64, example = 349.00)]
    pub order_amount: Major,
    pub customer_number: Option<String>,
    #[serde(rename = "mcPayRef", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub payment: Option<PaymentRef>,
    pub order_lines: Vec<OrderLineStatus>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLineStatus {
    pub product_id: Option<String>,
    pub description: Option<String>,
    /// Major units; quantity times price.
    #[schema(value_type = Option<f64>)]
    pub invoice_line_amount: Option<Major>,
}

/// An amount as a JSON number of major units with all the currency's decimals, without a float.
pub struct Major(Money);

impl Serialize for Major {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_major().to_string())
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

impl OrderStatusBody {
    fn of(view: OrderView) -> Self {
        Self {
            order_id: view.order.id.get(),
            external_order_id: view.order.external_id,
            order_time: view.order.registered_at.timestamp_millis(),
            order_status: view.order.status.as_str(),
            order_amount: Major(view.order.amount),
            customer_number: view.details.customer_number,
            payment: view.payment,
            order_lines: view.details.lines.into_iter().map(line_status).collect(),
        }
    }
}

fn line_status(line: LineDetails) -> OrderLineStatus {
    OrderLineStatus {
        product_id: line.product_id,
        description: line.description,
        invoice_line_amount: line.amount.map(Major),
    }
}

/// How an order of this client stands.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(("orderId" = i64, Path)),
    responses(
        (status = 200, body = OrdersBody),
        ReadProblems,
    )
)]
#[get("/order/status/{orderId}")]
pub async fn status(
    app: Data<App>,
    backend: Backend,
    id: Path<String>,
) -> Result<Json<OrdersBody>, Problem> {
    let none = |()| Problem::detailed(Code::NotFound, "There is no such order.");
    let id: OrderId = id.parse().map_err(none)?;
    let orders = app.orders.clone();
    let profile = backend.client;
    let view = app
        .run(async move { orders.look_up(&profile.client.code, id).await })
        .await??;
    Ok(Json(OrdersBody {
        orders: vec![OrderStatusBody::of(view)],
    }))
}
