//! Coupons of a client (CONTRACT 5): what may be sold now, and at which price.

use actix_web::web::{Data, Json, Path, Payload, ServiceConfig};
use actix_web::{get, post};
use mcpay_port::{Money, PeriodUnit};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::catalogue::price::price_of;
use crate::catalogue::{Coupon, CouponRef};
use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::body::read_body;
use crate::http::method::refuse_other_methods;
use crate::http::problem::{Code, FieldProblem, Problem, ProblemBody};
use crate::http::problem_responses::ReadProblems;

pub fn routes(config: &mut ServiceConfig) {
    config.service(coupon_price).service(coupons);
    let methods = [
        ("/coupon/price", "GET, POST"),
        ("/coupon/{productCode}", "GET"),
    ];
    refuse_other_methods(config, &methods);
}

/// The coupons of a product that may be sold now.
#[derive(Serialize, ToSchema)]
pub struct CouponList {
    pub coupons: Vec<CouponBody>,
}

/// Prices and lengths are strings, times milliseconds since 1970.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CouponBody {
    pub coupon_code: String,
    pub coupon_number: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<i64>,
    pub description: String,
    #[schema(example = "349.00")]
    pub coupon_price: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_price: Option<String>,
    pub currency: &'static str,
    #[schema(example = "25")]
    pub vat_percent: String,
    pub product: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_length: Option<String>,
    /// `days`, `weeks`, `months` or `years`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_type: Option<&'static str>,
    /// What each later period costs; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Renewal {
    #[serde(rename = "renewalPrice")]
    pub price: String,
    pub period_length: String,
    pub period_type: &'static str,
}

/// Which coupon is asked about; an address does not change its price.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "it describes what is read from JSON by hand")]
pub struct PriceRequest {
    #[schema(example = "TOTT")]
    pub coupon_code: String,
    #[schema(example = 1)]
    pub coupon_number: i64,
    pub customer_number: Option<String>,
    pub country_code: Option<String>,
    pub postal_code: Option<String>,
}

/// Amounts are JSON numbers in major units.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceAnswer {
    pub company_code: String,
    pub product: String,
    #[schema(value_type = f64, example = 349.00)]
    pub price: Box<RawValue>,
    #[schema(value_type = f64, example = 69.80)]
    pub vat_amount: Box<RawValue>,
    #[serde(rename = "vatpercent")]
    #[schema(value_type = f64, example = 25)]
    pub vat_percent: Box<RawValue>,
    /// Always true: the price holds its VAT.
    pub vat_include: bool,
    pub currency: &'static str,
    /// Distribution costs nothing.
    #[schema(value_type = f64, example = 0)]
    pub dist_amount: Box<RawValue>,
    #[serde(rename = "distAmountvat")]
    #[schema(value_type = f64, example = 0)]
    pub dist_amount_vat: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub customer_number: Option<Value>,
    /// The first charge of an agreement, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, example = 1.00)]
    pub start_price: Option<Box<RawValue>>,
}

/// Lists the coupons of a product that are valid now.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(("productCode" = String, Path)),
    responses(
        (status = 200, body = CouponList),
        ReadProblems,
    )
)]
#[get("/coupon/{productCode}")]
pub async fn coupons(
    app: Data<App>,
    backend: Backend,
    product: Path<String>,
) -> Result<Json<CouponList>, Problem> {
    let now = app.clock.now();
    let all = backend.client.coupons.values();
    let mut of_product: Vec<&Coupon> = all.filter(|coupon| coupon.product == *product).collect();
    if of_product.is_empty() {
        let detail = "The client has no coupon of this product.";
        return Err(Problem::detailed(Code::NotFound, detail));
    }
    of_product.retain(|coupon| coupon.is_valid_at(now));
    of_product.sort_by(|one, other| (&one.code, one.number).cmp(&(&other.code, other.number)));
    Ok(Json(CouponList {
        coupons: of_product.into_iter().map(body).collect(),
    }))
}

/// Tells the price of a coupon that is valid now.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    request_body = PriceRequest,
    responses(
        (status = 200, body = PriceAnswer),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/coupon/price")]
pub async fn coupon_price(
    app: Data<App>,
    backend: Backend,
    payload: Payload,
) -> Result<Json<PriceAnswer>, Problem> {
    let asked: Value = serde_json::from_slice(&read_body(payload).await?).unwrap_or_default();
    let code = asked["couponCode"].as_str();
    let code = code.ok_or_else(|| broken("couponCode", "must be a string."))?;
    let number = asked["couponNumber"].as_i64();
    let number = number.ok_or_else(|| broken("couponNumber", "must be a whole number."))?;
    let named = CouponRef {
        code: code.to_owned(),
        number,
    };
    let now = app.clock.now();
    let coupon = backend.client.coupons.get(&named);
    let coupon = coupon.filter(|coupon| coupon.is_valid_at(now));
    let coupon = coupon.ok_or_else(|| {
        let detail = "The client has no such coupon, or it is not valid now.";
        Problem::detailed(Code::NotFound, detail)
    })?;
    let customer = asked
        .get("customerNumber")
        .filter(|given| given.is_number() || given.as_str().is_some_and(|text| text.len() <= 100));
    answer(&backend, coupon, customer.cloned())
        .ok_or_else(|| Problem::new(Code::Internal))
        .map(Json)
}

fn answer(backend: &Backend, coupon: &Coupon, customer: Option<Value>) -> Option<PriceAnswer> {
    let price = price_of(coupon).ok()?;
    let nothing = Money::zero(price.amount.currency());
    Some(PriceAnswer {
        company_code: backend.client.client.company_code.clone(),
        product: coupon.product.clone(),
        price: number(price.amount)?,
        vat_amount: number(price.vat)?,
        vat_percent: RawValue::from_string(coupon.vat_percent.to_string()).ok()?,
        vat_include: true,
        currency: price.amount.currency().code(),
        dist_amount: number(nothing)?,
        dist_amount_vat: number(nothing)?,
        customer_number: customer,
        start_price: match coupon.start_price {
            Some(start) => Some(number(start)?),
            None => None,
        },
    })
}

/// An exact JSON number: no float is ever made of it.
fn number(money: Money) -> Option<Box<RawValue>> {
    RawValue::from_string(money.to_major().to_string()).ok()
}

fn body(coupon: &Coupon) -> CouponBody {
    let period = coupon
        .period
        .map(|period| (period.length.to_string(), unit(period.unit)));
    let price = coupon.price.to_major().to_string();
    CouponBody {
        coupon_code: coupon.code.clone(),
        coupon_number: coupon.number,
        start_time: coupon.valid_from.map(|at| at.timestamp_millis()),
        end_time: coupon.valid_until.map(|at| at.timestamp_millis()),
        description: coupon.description.clone(),
        coupon_price: price.clone(),
        start_price: coupon.start_price.map(|start| start.to_major().to_string()),
        currency: coupon.price.currency().code(),
        vat_percent: coupon.vat_percent.to_string(),
        product: coupon.product.clone(),
        period_length: period.clone().map(|(length, _)| length),
        period_type: period.clone().map(|(_, unit)| unit),
        renewal: period.map(|(period_length, period_type)| Renewal {
            price,
            period_length,
            period_type,
        }),
    }
}

const fn unit(unit: PeriodUnit) -> &'static str {
    match unit {
        PeriodUnit::Days => "days",
        PeriodUnit::Weeks => "weeks",
        PeriodUnit::Months => "months",
        PeriodUnit::Years => "years",
    }
}

fn broken(field: &str, message: &str) -> Problem {
    let error = FieldProblem {
        field: field.to_owned(),
        code: "invalid".to_owned(),
        message: message.to_owned(),
    };
    Problem {
        errors: vec![error],
        ..Problem::detailed(Code::InvalidRequest, format!("{field} {message}"))
    }
}
