//! Every body that the adapter can send, as a server receives it, fits what Nexi documents.
//!
//! Held against the project's own schemas, and, where the environment variable `OFFICIAL_SPECS`
//! names the folder with the official files, against two more: the last file that was published
//! (2021), with an overlay of what has come since, and the current one as far as its digest tells.

use std::path::Path;

use mcpay_contract_proof::{Specification, official};
use mcpay_port::{AgreementTerms, Flow, PaymentOrder};
use serde_json::{Value, json};

use crate::digest;
use crate::stage::*;

/// The last published file, and the digest of the current one.
const OLD: &str = "nexi/specs/payment-api-v1-swagger-doc.json";
const DIGEST: &str = "nexi/specs/derived-payment-api-current.json";

/// Entries that have got fields since 2021: unscheduled subscriptions, `myReference`,
/// `countryCode`, `cancelUrl` and `allowVariableAmount` are what the adapter uses of them.
const GROWN: [(&str, &str); 4] = [
    (
        "CreatePaymentBody",
        "Dibs.PaymentApi.Contracts.V1.CreatePayment.CreatePaymentBody",
    ),
    (
        "CheckoutDetails",
        "Dibs.PaymentApi.Contracts.V1.CreatePayment.CreatePaymentBody+CheckoutDetails",
    ),
    (
        "SubscriptionDetails",
        "Dibs.PaymentApi.Contracts.V1.CreatePayment.CreatePaymentBody+SubscriptionDetails",
    ),
    (
        "ChargeSubscriptionBody",
        "Dibs.PaymentApi.Contracts.V1.ChargeSubscription.ChargeSubscriptionBody",
    ),
];

/// What bodies are held against, by name.
fn specifications() -> Vec<(&'static str, Specification)> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/payment-api.yaml");
    let mut all = vec![("our own", Specification::read(&own).unwrap())];
    if let Some(old) = official(OLD).unwrap() {
        let document = official_json(OLD);
        let digest = official_json(DIGEST);
        let overlay = overlay(&digest, &document, &GROWN);
        all.push(("2021 with what came since", old.overlaid(&overlay)));
        all.push(("current", Specification::new(digest::document(&digest))));
    }
    all
}

/// What the digest knows and `old` does not: calls, and fields of the entries that `pairs` names
/// (the digest's name, and the one in `old`).
fn overlay(digest: &Value, old: &Value, pairs: &[(&str, &str)]) -> Value {
    let mut new_paths = digest::paths(digest);
    new_paths.retain(|path, _| old["paths"].get(path).is_none());
    let mut new_schemas = digest::schemas(digest);
    for (name, old_name) in pairs {
        let known = &old["components"]["schemas"][*old_name]["properties"];
        assert!(known.is_object(), "the old file has no {old_name}");
        let current = &new_schemas[&format!("{}{name}", digest::PREFIX)]["properties"];
        let mut fields = current.as_object().unwrap().clone();
        fields.retain(|field, _| known.get(field).is_none());
        new_schemas.insert((*old_name).to_owned(), json!({ "properties": fields }));
    }
    json!({ "paths": new_paths, "components": { "schemas": new_schemas } })
}

fn official_json(relative: &str) -> Value {
    let folder = std::env::var_os("OFFICIAL_SPECS").unwrap();
    let path = Path::new(&folder).join(relative);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn check(asked: &[Asked]) {
    for (name, specification) in specifications() {
        for call in asked {
            let body = call.body.as_ref();
            if let Err(mismatch) = specification.check_request(&call.method, &call.path, body) {
                panic!("{name}: {mismatch}");
            }
        }
    }
}

/// Orders of every flow and kind of agreement, with and without all that may be left out.
fn orders() -> Vec<PaymentOrder> {
    let mut orders = Vec::new();
    for flow in [Flow::Seamless, Flow::Redirect] {
        for (amount, vat, agreed) in [
            (34_900, 6_980, None),
            (34_900, 0, Some(34_900)),
            (100, 100, Some(34_900)),
            (0, 0, Some(9_900)),
            (i64::from(i32::MAX), 0, None),
        ] {
            for is_bare in [false, true] {
                let mut order = PaymentOrder {
                    amount: nok(amount),
                    vat: nok(vat),
                    agreement: agreed.map(|minor| AgreementTerms {
                        amount: nok(minor),
                        period: None,
                        payer_reference: "payer-1".to_owned(),
                    }),
                    capture_at_once: is_bare,
                    ..order(flow)
                };
                if is_bare {
                    order.payer.phone_number = None;
                    order.country.clear();
                    order.urls.terms = None;
                    order.urls.callback = "http://mcpay.example/".parse().unwrap();
                    order.urls.page = "https://shop.example/?a=<>\\'“".parse().unwrap();
                    order.description = "<b>\\ \"'&' 😀".repeat(40);
                }
                orders.push(order);
            }
        }
    }
    orders
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_create_is_as_nexi_documents_it() {
    let orders = orders();
    for stage in [
        stage(vec![say(201, "created-hosted")]),
        stage(vec![say(201, "created-hosted")]).with_subscriptions(),
    ] {
        for order in &orders {
            stage.initiate(order).await.unwrap();
        }
        let asked = stage.asked();
        assert_eq!(asked.len(), orders.len());
        check(&asked);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_capture_release_and_close_is_as_nexi_documents_it() {
    let charged = || Say::Json(201, json!({ "chargeId": CHARGE }));
    let stage = stage(vec![
        charged(),
        charged(),
        say(200, "payment-reserved"),
        bare(204),
        say(200, "payment-partly-charged"),
        bare(204),
        bare(204),
    ]);
    stage.capture(34_900).await.unwrap();
    stage.capture(10_001).await.unwrap();
    stage.cancel().await.unwrap();
    stage.cancel().await.unwrap();
    stage.close().await.unwrap();
    let asked = stage.asked();
    assert_eq!(asked.len(), 7);
    check(&asked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refund_is_as_nexi_documents_it() {
    let refunded = || Say::Json(201, json!({ "refundId": "r" }));
    let stage = stage(vec![
        say(200, "payment-charged"),
        refunded(),
        say(200, "payment-charged-twice"),
        refunded(),
        refunded(),
    ]);
    stage.refund(34_900).await.unwrap();
    stage.refund(30_003).await.unwrap();
    let asked = stage.asked();
    assert_eq!(asked.len(), 5);
    check(&asked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_charge_of_an_agreement_is_as_nexi_documents_it() {
    let stage = stage(vec![
        say(200, "charge-of-agreement"),
        say(200, "charge-of-agreement"),
        bare(500),
        say(200, "charge-status"),
    ]);
    for token in [UNSCHEDULED, SUBSCRIPTION, UNSCHEDULED] {
        stage.charge(token).await.unwrap();
    }
    let asked = stage.asked();
    assert_eq!(asked.len(), 4);
    check(&asked);
}

#[test]
fn what_nexi_does_not_document_is_found() {
    let order = json!({ "items": [], "amount": 1, "currency": "NOK" });
    let cases = [
        ("POST", "/v1/payments", json!({ "order": order })),
        ("POST", "/v1/payments/1/charges", json!({ "amuont": 1 })),
        ("POST", "/v1/payments/1/cancels", json!({ "amount": "1" })),
        (
            "POST",
            "/v1/charges/1/refunds",
            json!({ "amount": 1, "x": 1 }),
        ),
        ("PUT", "/v1/payments/1/terminate", json!({})),
        ("POST", "/v1/payments/1/close", json!({})),
    ];
    for (name, specification) in specifications() {
        for (method, path, body) in &cases {
            let checked = specification.check_request(method, path, Some(body));
            assert!(checked.is_err(), "{name}: {path} {body}");
        }
    }
}
