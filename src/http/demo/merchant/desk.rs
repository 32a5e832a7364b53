//! `GET /demo/merchant`: the payments of the shop, and one of them with what can be done to it.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get};
use askama::Template;
use mcpay_port::PaymentRef;
use serde::Deserialize;
use serde_json::Value;

use super::{Answer, page, text};
use crate::http::app::App;
use crate::http::demo::Shop;
use crate::http::problem::{Code, Problem};

#[derive(Deserialize)]
pub struct After {
    after: Option<PaymentRef>,
}

#[derive(Template)]
#[template(path = "demo_merchant.html")]
struct ListPage {
    payments: Vec<Value>,
    next: String,
}

/// The payments, the newest first.
#[get("/demo/merchant")]
pub async fn list(
    app: Data<App>,
    shop: Data<Shop>,
    query: Query<After>,
) -> Result<HttpResponse, Problem> {
    let after = query
        .after
        .map_or(String::new(), |after| format!("&after={after}"));
    let answer = app
        .run(async move { shop.backend.get(&format!("payment?limit=20{after}")).await })
        .await??;
    page(&ListPage {
        payments: answer.body["payments"]
            .as_array()
            .cloned()
            .unwrap_or_default(),
        next: text(&answer.body, "next"),
    })
}

#[derive(Deserialize)]
pub struct Placed {
    #[serde(rename = "orderId")]
    order: Option<i64>,
}

#[get("/demo/merchant/{mcPayRef}")]
pub async fn desk(
    app: Data<App>,
    shop: Data<Shop>,
    reference: Path<String>,
    placed: Query<Placed>,
) -> Result<HttpResponse, Problem> {
    let reference = read_reference(&reference)?;
    let order = placed.order;
    let shown = app
        .run(async move { look(&shop, reference, order, None).await })
        .await??;
    page(&shown)
}

pub fn read_reference(text: &str) -> Result<PaymentRef, Problem> {
    text.parse().map_err(|_| unknown())
}

fn unknown() -> Problem {
    Problem::detailed(Code::NotFound, "There is no such payment.")
}

/// One payment as the API tells it.
#[derive(Template)]
#[template(path = "demo_payment.html")]
pub struct PaymentPage {
    reference: PaymentRef,
    payment: Value,
    agreement: Option<Value>,
    /// The order that was placed for it, and how it stands.
    order: Option<Answer>,
    order_id: Option<i64>,
    /// What the API said to the form that was sent.
    said: Option<(&'static str, Answer)>,
}

impl PaymentPage {
    fn is(&self, state: &str) -> bool {
        self.payment["state"] == state
    }

    fn operations(&self) -> &[Value] {
        self.payment["operations"]
            .as_array()
            .map_or(&[], Vec::as_slice)
    }

    fn timeline(&self) -> &[Value] {
        self.payment["timeline"]
            .as_array()
            .map_or(&[], Vec::as_slice)
    }
}

/// Asks the API for everything that the page shows.
pub async fn look(
    shop: &Shop,
    reference: PaymentRef,
    order_id: Option<i64>,
    said: Option<(&'static str, Answer)>,
) -> Result<PaymentPage, Problem> {
    let payment = shop.backend.get(&format!("payment/{reference}")).await?;
    if !payment.is_good() {
        return Err(unknown());
    }
    let agreement = match payment.body["agreementId"].as_str() {
        Some(id) => {
            let answer = shop.backend.get(&format!("agreement/{id}")).await?;
            answer.is_good().then_some(answer.body)
        }
        None => None,
    };
    let order = match order_id {
        Some(id) => Some(shop.backend.get(&format!("order/status/{id}")).await?),
        None => None,
    };
    Ok(PaymentPage {
        reference,
        payment: payment.body,
        agreement,
        order,
        order_id,
        said,
    })
}
