//! Payments at Nexi, from the API to the events: both flows, stored cards, and what Nexi does in its
//! own way (CONTRACT 8.7 to 8.12).

mod agreements;
mod budget;
mod callbacks;
mod flows;
mod lost_create;
mod money;
mod refunds;

use std::time::Duration;

use mcpay_port::{PaymentMethod, ProviderId};
use serde_json::{Value, json};
use url::Url;

use crate::support::world::{StartedPayment, World};

const SOON: Duration = Duration::from_secs(20);

const PAYS: &str = "4925000000000004";
const IS_CHALLENGED: &str = "4268270087374847";
const IS_DECLINED: &str = "4925000000000087";
const REFUND_FAILS: &str = "4925000000000061";

/// What differs for a payment on Nexi's own page.
fn redirect() -> Value {
    json!({ "paymentMethod": "nexi", "paymentFlow": "redirect" })
}

/// What differs for a payment in the merchant's page.
fn seamless(world: &World) -> Value {
    json!({
        "paymentMethod": "nexi", "paymentFlow": "seamless",
        "checkoutUrl": world.url("/shop/checkout?basket=3"),
    })
}

/// `changes` put over `base`.
fn with(mut base: Value, changes: Value) -> Value {
    let (Value::Object(members), Value::Object(changes)) = (&mut base, changes) else {
        panic!("claims are objects");
    };
    members.extend(changes);
    base
}

/// What differs for the first payment of a subscription on Nexi's own page.
fn subscription() -> Value {
    with(
        redirect(),
        json!({
            "recurring": true, "productSpecCode": "TOTT", "productSpecNo": 1,
            "amount": null, "currency": null,
        }),
    )
}

fn page_of(payment: &StartedPayment) -> Url {
    let url = payment.answer["redirectUrl"].as_str();
    Url::parse(url.expect("a page of Nexi's")).unwrap()
}

/// The payer sends a form of one of Nexi's pages, and is led on.
async fn sends_form(world: &World, page: &Url, form: &str) -> Url {
    let request = world.http.post(page.clone());
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = world.sends(request.body(form.to_owned())).await.expect(303);
    page.join(answer.header("location")).unwrap()
}

/// The payer types a card into Nexi's hosted page.
async fn types_card(world: &World, page: &Url, card: &str) -> Url {
    let form = format!("number={card}&expiry=12%2F33&cvc=123");
    sends_form(world, page, &form).await
}

/// The payment as Nexi shows it to its merchant.
async fn at_nexi(world: &World, payment: &StartedPayment) -> Value {
    let id = world.stored(payment).await.provider_ref.expect("an id");
    let url = world.url(&format!("/sandbox/nexi/v1/payments/{}", id.as_str()));
    let request = world.http.get(url);
    let request = request.header("authorization", mcpay::cli::DEMO_NEXI_SECRET_KEY);
    world.sends(request).await.expect(200).json()["payment"].clone()
}

async fn nexis_clock_shows(world: &World, seconds_ahead: i64) {
    let body = json!({ "offsetSeconds": seconds_ahead });
    world.puts("/sandbox/nexi/_clock", &body).await.expect(200);
}

#[test]
fn the_method_is_served_by_the_provider_of_that_name() {
    assert_eq!(PaymentMethod::Nexi.provider(), ProviderId::Nexi);
}
