//! One payment of the demo client, as a merchant's back end would see it.

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use mcpay_port::{Money, PaymentRef};
use serde_json::{Value, json};

use super::Shop;
use crate::http::app::App;
use crate::http::problem::{Code, Problem};
use crate::payments::payment::Reason;

#[get("/demo/payments/{mcPayRef}")]
pub async fn payment(
    app: Data<App>,
    shop: Data<Shop>,
    reference: Path<String>,
) -> Result<Json<Value>, Problem> {
    let unknown = || Problem::detailed(Code::NotFound, "There is no such payment.");
    let reference: PaymentRef = reference.parse().map_err(|_| unknown())?;
    let payments = app.payments.clone();
    let payment = app
        .run(async move { payments.get_payment(reference).await })
        .await??;
    if payment.client != shop.client {
        return Err(unknown());
    }
    let major = |money: Money| money.to_major().to_string();
    Ok(Json(json!({
        "mcPayRef": payment.reference,
        "status": payment.status.as_str(),
        "reason": payment.reason.map(Reason::as_str),
        "paymentMethod": payment.method,
        "paymentFlow": payment.flow,
        "currency": payment.amount.currency(),
        "amount": major(payment.amount),
        "authorizedAmount": major(payment.amounts.authorized),
        "capturedAmount": major(payment.amounts.captured),
        "refundedAmount": major(payment.amounts.refunded),
        "cancelledAmount": major(payment.amounts.cancelled),
        "externalReference": payment.external_reference,
    })))
}
