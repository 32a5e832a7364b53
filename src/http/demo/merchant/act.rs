//! `POST /demo/merchant/{mcPayRef}`: one form of the desk, carried out through the client API.

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpResponse, post};
use mcpay_port::PaymentRef;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::desk::{PaymentPage, look, read_reference};
use super::{Answer, page, text};
use crate::http::app::App;
use crate::http::demo::Shop;
use crate::http::problem::{Code, Problem};

/// What a form sends.
#[derive(Deserialize)]
pub struct Wish {
    verb: String,
    /// Made with the page, so that a second click repeats and does nothing twice.
    #[serde(default)]
    key: String,
    #[serde(default)]
    amount: String,
}

/// Does what the merchant chose, and shows the answer with the payment as it then stands.
#[post("/demo/merchant/{mcPayRef}")]
pub async fn act(
    app: Data<App>,
    shop: Data<Shop>,
    reference: Path<String>,
    wish: Form<Wish>,
) -> Result<HttpResponse, Problem> {
    let reference = read_reference(&reference)?;
    let done = app
        .run(async move { carry_out(&shop, reference, &wish).await })
        .await??;
    match done {
        Done::Said(desk) => page(desk.as_ref()),
        Done::Placed(order) => Ok(HttpResponse::SeeOther()
            .insert_header((
                LOCATION,
                format!("/demo/merchant/{reference}?orderId={order}"),
            ))
            .finish()),
    }
}

/// What a form came to.
enum Done {
    /// The API's answer, on the page of the payment.
    Said(Box<PaymentPage>),
    /// An order, which has an address of its own.
    Placed(i64),
}

async fn carry_out(shop: &Shop, payment: PaymentRef, wish: &Wish) -> Result<Done, Problem> {
    let amount = match wish.amount.trim() {
        "" => json!({}),
        amount => json!({ "amount": amount }),
    };
    let ask = async |name: &str, body: &Value| {
        let path = format!("payment/{payment}/{name}");
        shop.backend.post(&path, &wish.key, body).await
    };
    let (title, answer) = match wish.verb.as_str() {
        "order" => return place_order(shop, payment, &wish.key).await,
        "capture" => ("Capture", ask("capture", &amount).await?),
        "refund" => ("Refund", ask("refund", &amount).await?),
        "cancel" => ("Release", ask("cancel", &json!({})).await?),
        "charge" => ("Charge", charge(shop, payment, wish).await?),
        "stop" => ("Stop", stop(shop, payment, &wish.key).await?),
        _ => {
            let message = "The desk knows order, capture, refund, cancel, charge and stop.";
            return Err(Problem::detailed(Code::InvalidRequest, message));
        }
    };
    let desk = look(shop, payment, None, Some((title, answer))).await?;
    Ok(Done::Said(Box::new(desk)))
}

async fn charge(shop: &Shop, payment: PaymentRef, wish: &Wish) -> Result<Answer, Problem> {
    let agreement = agreement_of(shop, payment).await?;
    let body = json!({
        "externalReference": format!("demo-charge-{}", wish.key),
        "amount": wish.amount.trim(),
        "description": "Digital subscription",
    });
    let path = format!("agreement/{agreement}/charge");
    shop.backend.post(&path, &wish.key, &body).await
}

async fn stop(shop: &Shop, payment: PaymentRef, key: &str) -> Result<Answer, Problem> {
    let agreement = agreement_of(shop, payment).await?;
    let path = format!("agreement/{agreement}/stop");
    shop.backend.post(&path, key, &json!({})).await
}

async fn agreement_of(shop: &Shop, payment: PaymentRef) -> Result<String, Problem> {
    let read = shop.backend.get(&format!("payment/{payment}")).await?;
    let agreement = text(&read.body, "agreementId");
    if agreement.is_empty() {
        let message = "This payment has no agreement.";
        return Err(Problem::detailed(Code::NotFound, message));
    }
    Ok(agreement)
}

/// Registers the order that the payment pays for. The same payment gives the same order.
async fn place_order(shop: &Shop, payment: PaymentRef, key: &str) -> Result<Done, Problem> {
    let read = shop.backend.get(&format!("payment/{payment}")).await?.body;
    let amount = RawValue::from_string(text(&read, "amount")).ok();
    let recurring = !text(&read, "agreementId").is_empty();
    let (kind, code) = if recurring {
        ("coupon", "TOTT")
    } else {
        ("product", "PAPER")
    };
    let body = json!({
        "externalOrderId": payment.0.simple().to_string(),
        "paymentMethod": text(&read, "paymentMethod"),
        "orderAmount": amount,
        "currency": text(&read, "currency"),
        "prepaid": true,
        "recurring": recurring,
        "mcPayRef": payment,
        "payer": {
            "lastName": "Reader", "postalCode": "0150", "emails": ["reader@example.test"],
        },
        "orderLines": [{
            "productSpecType": kind, "productSpecCode": code, "productSpecNo": 1,
            "quantity": 1, "unitPrice": amount,
        }],
    });
    let answer = shop.backend.post("order", key, &body).await?;
    if let Some(order) = answer.body["orderId"].as_i64() {
        return Ok(Done::Placed(order));
    }
    let desk = look(shop, payment, None, Some(("Order", answer))).await?;
    Ok(Done::Said(Box::new(desk)))
}
