//! What is promised of creates: their fields, their arithmetic, and what is cut or left out.

use super::*;
use crate::map::samples::{CALLBACK_KEY, REFERENCE, now, order, settings, terms};
use mcpay_port::{Currency, FailureKind, Money};
use serde_json::{Value, json};

fn body(settings: &Settings, order: &PaymentOrder) -> Value {
    let body = create(settings, order, now()).map(|body| serde_json::to_value(body).unwrap());
    body.unwrap()
}

fn refusal(order: &PaymentOrder) -> mcpay_port::Failure {
    let error = create(&settings("unscheduled"), order, now())
        .err()
        .unwrap();
    assert!(!error.may_have_happened());
    error.failure().clone()
}

#[test]
fn a_seamless_order_is_embedded_in_the_page() {
    let mut body = body(&settings("unscheduled"), &order(Flow::Seamless));
    let hooks = body
        .as_object_mut()
        .unwrap()
        .remove("notifications")
        .unwrap();
    assert_eq!(hooks["webHooks"][0]["authorization"], CALLBACK_KEY);
    assert_eq!(
        body,
        json!({
            "order": {
                "items": [{
                    "reference": REFERENCE,
                    "name": "Digital subscription",
                    "quantity": 1,
                    "unit": "pcs",
                    "unitPrice": 27_920,
                    "taxRate": 2_500,
                    "taxAmount": 6_980,
                    "netTotalAmount": 27_920,
                    "grossTotalAmount": 34_900,
                }],
                "amount": 34_900,
                "currency": "NOK",
                "reference": REFERENCE,
            },
            "checkout": {
                "integrationType": "EmbeddedCheckout",
                "url": "https://shop.example/pay?mcPayRef=1",
                "termsUrl": "https://shop.example/",
                "merchantHandlesConsumerData": true,
                "consumer": { "phoneNumber": { "prefix": "+47", "number": "90000000" } },
                "charge": false,
                "countryCode": "NOR",
            },
            "myReference": REFERENCE,
        })
    );
}

#[test]
fn a_redirect_leads_to_the_hosted_page_and_back() {
    let body = body(&settings("unscheduled"), &order(Flow::Redirect));
    assert_eq!(body["checkout"]["integrationType"], "HostedPaymentPage");
    assert_eq!(
        body["checkout"]["returnUrl"],
        "https://mcpay.example/return?k=1"
    );
    assert_eq!(
        body["checkout"]["cancelUrl"],
        "https://mcpay.example/return?k=1&via=cancel"
    );
    assert_eq!(body["checkout"].get("url"), None);
}

#[test]
fn the_account_chooses_which_agreement_is_asked_for() {
    let mut order = order(Flow::Seamless);
    order.agreement = Some(terms(order.amount));
    let stored = body(&settings("unscheduled"), &order);
    assert_eq!(stored["unscheduledSubscription"], json!({ "create": true }));
    assert_eq!(stored.get("subscription"), None);
    let regular = body(&settings("subscription"), &order);
    assert_eq!(
        regular["subscription"],
        json!({ "endDate": "2029-11-19T12:00:00+00:00", "interval": 0 })
    );
    assert_eq!(regular.get("unscheduledSubscription"), None);
}

#[test]
fn a_subscription_whose_first_amount_is_another_says_that_amounts_vary() {
    let mut order = order(Flow::Seamless);
    order.agreement = Some(terms(Money::new(9_900, Currency::NOK)));
    let body = body(&settings("subscription"), &order);
    assert_eq!(body["subscription"]["allowVariableAmount"], true);
}

#[test]
fn without_an_agreement_none_is_asked_for() {
    for kind in ["unscheduled", "subscription"] {
        let body = body(&settings(kind), &order(Flow::Seamless));
        assert_eq!(body.get("subscription"), None);
        assert_eq!(body.get("unscheduledSubscription"), None);
    }
}

#[test]
fn an_amount_of_zero_with_an_agreement_registers_and_charges_nothing() {
    let mut order = order(Flow::Redirect);
    order.agreement = Some(terms(order.amount));
    order.amount = Money::zero(Currency::NOK);
    order.vat = order.amount;
    order.capture_at_once = true;
    let body = body(&settings("unscheduled"), &order);
    assert_eq!(body["order"]["amount"], 0);
    assert_eq!(body["order"]["items"][0]["grossTotalAmount"], 0);
    assert_eq!(body["checkout"]["charge"], false);
}

#[test]
fn money_that_is_taken_at_once_is_charged_with_the_reservation() {
    let mut order = order(Flow::Seamless);
    order.capture_at_once = true;
    let body = body(&settings("unscheduled"), &order);
    assert_eq!(body["checkout"]["charge"], true);
}

#[test]
fn a_page_longer_than_nexi_takes_is_refused_before_anything_is_sent() {
    let page = |length: usize| {
        let start = "https://shop.example/pay?mcPayRef=1&x=";
        format!("{start}{}", "x".repeat(length - start.len()))
    };
    let mut order = order(Flow::Seamless);
    order.urls.page = page(256).parse().unwrap();
    let longest = body(&settings("unscheduled"), &order);
    assert_eq!(longest["checkout"]["url"], page(256));
    order.urls.page = page(257).parse().unwrap();
    let failure = refusal(&order);
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.title.unwrap().contains("256"));
    order.flow = Flow::Redirect;
    assert!(create(&settings("unscheduled"), &order, now()).is_ok());
}

#[test]
fn terms_are_the_clients_and_without_any_the_shops_front_page() {
    let mut order = order(Flow::Seamless);
    let terms_url = |order: &PaymentOrder| {
        body(&settings("unscheduled"), order)["checkout"]["termsUrl"].clone()
    };
    assert_eq!(terms_url(&order), "https://shop.example/");
    order.urls.terms = Some("https://shop.example/terms".parse().unwrap());
    assert_eq!(terms_url(&order), "https://shop.example/terms");
}

#[test]
fn what_is_not_known_surely_is_left_out() {
    let mut order = order(Flow::Seamless);
    order.payer.phone_number = Some("90000000".into());
    order.country = "XX".to_owned();
    order.urls.callback = "http://mcpay.example/callbacks".parse().unwrap();
    let body = body(&settings("unscheduled"), &order);
    assert_eq!(body["checkout"].get("consumer"), None);
    assert_eq!(body["checkout"].get("countryCode"), None);
    assert_eq!(body.get("notifications"), None);
}

#[test]
fn what_nexi_cannot_do_is_refused_before_anything_is_sent() {
    let mut zero = order(Flow::Seamless);
    zero.amount = Money::zero(Currency::NOK);
    zero.vat = zero.amount;
    let mut negative = order(Flow::Seamless);
    negative.amount = Money::new(-1, Currency::NOK);
    let mut huge = order(Flow::Seamless);
    huge.amount = Money::new(i64::from(i32::MAX) + 1, Currency::NOK);
    let mut foreign = order(Flow::Seamless);
    foreign.method = PaymentMethod::CreditcardPayex;
    for (order, kind) in [
        (zero, FailureKind::Unsupported),
        (negative, FailureKind::Unsupported),
        (huge, FailureKind::Refused),
        (foreign, FailureKind::Unsupported),
    ] {
        assert_eq!(refusal(&order).kind, kind);
    }
}
