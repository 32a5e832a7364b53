//! Callbacks: one for every change of an attempt or transaction, tried again on the provider's
//! schedule until somebody answers 2xx. No signature and no secret, as the real ones have none.

use std::time::Duration;

use mcpay_sandbox::Delivery;
use reqwest::StatusCode;
use serde_json::json;

use super::order::Order;
use super::state::State;

const DELIVERY: Delivery = Delivery {
    retries_seconds: &[30, 60, 360, 432, 864, 1265],
    accepts: StatusCode::is_success,
    try_for: Duration::from_secs(10),
    is_ordered: false,
};

/// Tells the merchant that attempt or transaction `number` changed.
pub(crate) fn tell(state: &State, order: &mut Order, number: i64) {
    let Some(url) = order.urls.callback.clone() else {
        return;
    };
    let body = body(order, number);
    state
        .stage
        .notify(DELIVERY, &mut order.callbacks, move |http| {
            http.post(url.clone())
                .header("Content-Type", "application/json; charset=utf-8")
                .body(body.clone())
        });
}

fn body(order: &Order, number: i64) -> String {
    let mut body = json!({
        "paymentOrder": { "id": order.path(), "instrument": "CreditCard", "number": number },
    });
    if let Some(reference) = &order.merchant_reference {
        body["orderReference"] = json!(reference);
    }
    body.to_string()
}
