//! Orders as a merchant's backend registers them, and the browser that pays for them.

use std::time::Duration;

use mcpay::cli::DEMO_CLIENT;
use mcpay::orders::look_up::OrderView;
use mcpay::orders::order::OrderId;
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::client::Answer;
use super::witness::wait_for;
use super::world::{StartedPayment, World};

const SOON: Duration = Duration::from_secs(20);

/// An ordinary order of 349 kroner by card, with `changes` put over it; a null takes a member out.
pub fn order(changes: &Value) -> Value {
    let mut body = json!({
        "orderDate": "2026-11-21",
        "paymentMethod": "creditcardPayex",
        "orderAmount": 349,
        "currency": "NOK",
        "payer": { "lastName": "Nordmann", "emails": ["kari@shop.example"], "customerNumber": "K7" },
        "orderLines": [{ "productSpecType": "product", "productSpecCode": "BOOK", "unitPrice": 349 }],
    });
    for (name, value) in changes.as_object().expect("changes are an object") {
        body[name] = value.clone();
    }
    body
}

/// The order for 349 kroner that names `payment`.
pub fn order_for(payment: &StartedPayment) -> Value {
    order(&json!({ "mcPayRef": payment.reference, "prepaid": true }))
}

/// An order of `kroner`.
pub fn order_of(kroner: u32) -> Value {
    let lines = json!([{ "productSpecCode": "BOOK", "unitPrice": kroner }]);
    order(&json!({ "orderAmount": kroner, "orderLines": lines }))
}

fn told(answer: &Answer) -> Result<Value, (u16, Value)> {
    if answer.status == 200 {
        return Ok(answer.json());
    }
    let status = answer.status;
    Err((status, answer.problem(status)))
}

impl World {
    /// Registers an order for the demo client; a refusal is told by its status and body.
    pub async fn tries_to_register(&self, body: &Value) -> Result<OrderId, (u16, Value)> {
        let backend = self.backend().await;
        let answer = backend.post("/capi/v1/client/order", body).await;
        let id = told(&answer)?["orderId"].as_i64();
        Ok(OrderId::new(id.expect("an integer")).expect("a usable id"))
    }

    pub async fn registers(&self, body: &Value) -> OrderId {
        let registered = self.tries_to_register(body).await;
        registered.unwrap_or_else(|(status, body)| panic!("{status} {body}"))
    }

    /// The order as its backend sees it.
    pub async fn order_status(&self, id: OrderId) -> OrderView {
        let app = &self.built.app;
        let profile = app.registry.profile(DEMO_CLIENT).expect("the demo client");
        let found = app.orders.look_up(&profile.client.code, id).await;
        found.expect("the order is there")
    }

    /// Waits until the order stands like `status`.
    pub async fn order_becomes(&self, id: OrderId, status: &str) -> OrderView {
        wait_for(&format!("order {status}"), SOON, async || {
            let view = self.order_status(id).await;
            (view.order.status.as_str() == status).then_some(view)
        })
        .await
    }

    /// Completes an order without a browser; answers the `fulfillmentStatus`.
    pub async fn completes_order(
        &self,
        id: OrderId,
        call_back: Option<&str>,
    ) -> Result<String, (u16, Value)> {
        let body = json!({ "orderId": id.get(), "callbackUrl": call_back });
        let backend = self.backend().await;
        let answer = backend
            .post("/capi/v1/client/order/fulfillment", &body)
            .await;
        let status = &told(&answer)?["fulfillmentStatus"];
        Ok(status.as_str().expect("a status").to_owned())
    }

    /// The types of this order's events, in their order.
    pub async fn events_of_order(&self, id: OrderId) -> Vec<String> {
        let events = self.all_events().await.into_iter();
        let own = events.filter(|event| event.subject == id.to_string());
        own.map(|event| event.kind).collect()
    }

    /// A payment of 349 kroner that the payer has approved and we know of.
    pub async fn has_authorized(&self) -> StartedPayment {
        let payment = self.starts_payment().await;
        self.payer_approves(&payment).await;
        assert_eq!(self.completes(&payment).await["status"], "success");
        payment
    }

    // ---- the browser ----

    /// Where the merchant wants the browser in the end.
    pub fn back_at_shop(&self) -> Url {
        self.base.join("/shop/done?basket=3#receipt").unwrap()
    }

    /// The browser opens the fulfilment page for these orders.
    pub async fn browser_pays(&self, ids: &[OrderId]) -> Answer {
        self.browser_pays_from(ids, self.back_at_shop().as_str())
            .await
    }

    pub async fn browser_pays_from(&self, ids: &[OrderId], return_url: &str) -> Answer {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let return_url: String = byte_serialize(return_url.as_bytes()).collect();
        let path = format!(
            "/login/fulfillment?orderId={}&returnUrl={return_url}",
            ids.join(",")
        );
        self.get(&path).await
    }

    /// The payment that the order waits for.
    pub async fn payment_of(&self, id: OrderId) -> StartedPayment {
        let payment = self.order_status(id).await.payment.expect("a payment");
        StartedPayment {
            reference: payment.to_string(),
            answer: Value::Null,
        }
    }

    /// The browser returns from the provider; every step is followed until it is at the shop.
    /// Answers the `fulfillmentStatus` that it brings there.
    pub async fn browser_returns(&self, payment: &StartedPayment, query: &str) -> String {
        let own = self.comes_back(payment, query).await.expect(303).location();
        assert_eq!(own.path(), "/login/fulfillment/back");
        let back = self.get(own.as_str()).await.expect(303).location();
        self.status_at_shop(&back)
    }

    /// The status in the shop's address, whose own query and fragment must be as they were.
    pub fn status_at_shop(&self, back: &Url) -> String {
        assert_eq!(
            (back.path(), back.fragment()),
            ("/shop/done", Some("receipt"))
        );
        let query = back.query().expect("a query");
        let status = query.strip_prefix("basket=3&fulfillmentStatus=");
        status.expect("a status").to_owned()
    }
}
