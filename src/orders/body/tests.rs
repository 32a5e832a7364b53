//! What a backend may send, and what it is told.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use mcpay_port::{Currency, Money};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Named, Object, OrderRequest, read_details, read_order};
use crate::catalogue::{Coupon, CouponRef};
use crate::clients::{CapturePolicy, Client, ClientCode, ClientProfile, RateLimit};
use crate::orders::method::OrderMethod;
use crate::payments::terms::FieldError;
use crate::signing::Keyring;

fn profile() -> ClientProfile {
    let coupon = Coupon {
        code: "TOTT".into(),
        number: 1,
        product: "TOTT".into(),
        description: "Monthly".into(),
        price: nok(34_900),
        start_price: None,
        vat_percent: 25.into(),
        period: None,
    };
    let named = CouponRef {
        code: "TOTT".into(),
        number: 1,
    };
    ClientProfile {
        client: Client {
            code: ClientCode("no.mediaconnect.test".into()),
            name: "Demo newspaper".into(),
            company_code: "DEMO".into(),
            merchant_group: "demo".into(),
            country: "NO".into(),
            default_currency: Currency::NOK,
            allowed_origins: vec!["https://shop.example".into()],
            capture: CapturePolicy::OnOrder,
            rate_limit: RateLimit {
                per_second: NonZeroU32::MAX,
                per_minute: NonZeroU32::MAX,
            },
            claim_within: Duration::from_secs(86_400),
            pay_within: Duration::from_secs(3_600),
            language: "nb-NO".into(),
            agreement_url: None,
            terms_url: None,
        },
        keyring: Keyring::default(),
        oauth_secrets: Vec::new(),
        coupons: HashMap::from([(named, coupon)]),
        accounts: HashMap::new(),
    }
}

fn nok(minor: i64) -> Money {
    Money::new(minor, Currency::NOK)
}

/// An ordinary order with `changes` put over it; a null takes a member out.
fn body(changes: &Value) -> Value {
    let mut body = json!({
        "externalOrderId": "A-1",
        "orderDate": "2026-11-21",
        "paymentMethod": "creditcardPayex",
        "payer": { "lastName": "Test", "emails": ["test@shop.example"], "customerNumber": 7 },
        "orderLines": [
            { "productSpecCode": "BOOK", "quantity": 2, "unitPrice": 100.50 },
            { "productSpecCode": "CAP", "unitPrice": 49 },
        ],
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn read(body: &Value) -> Result<OrderRequest, Vec<FieldError>> {
    let object = Object::read(body.to_string().as_bytes()).unwrap();
    read_order(&object, &profile(), Named::Nothing)
}

/// The broken fields and their codes, in the order of their names.
fn broken(changes: &Value) -> Vec<(String, &'static str)> {
    let errors = read(&body(changes)).unwrap_err();
    let mut told: Vec<_> = errors.into_iter().map(|e| (e.field, e.code)).collect();
    told.sort();
    told
}

fn one(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}

#[test]
fn the_amount_is_the_sum_of_the_lines_where_all_have_a_price() {
    let order = read(&body(&json!({}))).unwrap();
    assert_eq!(order.amount, nok(25_000));
    assert_eq!(order.method, OrderMethod::CreditcardPayex);
    assert_eq!(order.external_id.as_deref(), Some("A-1"));
    assert!(read(&body(&json!({ "orderAmount": 250 }))).is_ok());
    assert_eq!(
        broken(&json!({ "orderAmount": 249.99 })),
        one("orderAmount", "mismatch")
    );
    let unpriced = json!([{ "productSpecCode": "BOOK" }]);
    assert_eq!(
        broken(&json!({ "orderLines": unpriced })),
        one("orderAmount", "required")
    );
    let given = json!({ "orderLines": unpriced, "orderAmount": 12.5 });
    assert_eq!(read(&body(&given)).unwrap().amount, nok(1_250));
}

#[test]
fn amounts_are_read_exactly_and_in_the_decimals_of_the_currency() {
    assert_eq!(
        broken(&json!({ "orderLines": [], "orderAmount": 1.005 })),
        one("orderAmount", "too_many_decimals")
    );
    let text = body(&json!({ "orderLines": [] })).to_string();
    let text = text.replacen('{', "{\"orderAmount\":70000000000000.07,", 1);
    let object = Object::read(text.as_bytes()).unwrap();
    let order = read_order(&object, &profile(), Named::Nothing).unwrap();
    assert_eq!(order.amount, nok(7_000_000_000_000_007));
}

#[test]
fn every_broken_field_is_told_at_once_with_its_path() {
    let changes = json!({
        "externalOrderId": "x".repeat(41),
        "orderDate": "yesterday",
        "paymentMethod": "gold",
        "prepaid": "yes",
        "marketingCouponCode": "TOTT",
        "payer": { "firstName": 3 },
        "orderLines": [{ "quantity": 0 }, 7, { "unitPrice": "1" }, { "receiver": { "emails": "x" } }],
    });
    let told = broken(&changes);
    let expected = [
        ("externalOrderId", "too_long"),
        ("marketingCouponNumber", "required"),
        ("orderAmount", "required"),
        ("orderDate", "invalid"),
        ("orderLines[0].quantity", "out_of_range"),
        ("orderLines[1]", "invalid"),
        ("orderLines[2].unitPrice", "invalid"),
        ("orderLines[3].receiver.emails", "invalid"),
        ("payer.emails", "required"),
        ("payer.firstName", "invalid"),
        ("payer.lastName", "required"),
        ("paymentMethod", "invalid"),
        ("prepaid", "invalid"),
    ];
    let expected: Vec<_> = expected.map(|(f, c)| (f.to_owned(), c)).into();
    assert_eq!(told, expected);
}

#[test]
fn a_payer_has_a_name_and_can_be_reached_and_needs_no_postal_address() {
    assert_eq!(broken(&json!({ "payer": null })), one("payer", "required"));
    let company = json!({ "companyName": "Test AS", "phoneNumbers": ["+4790000000"] });
    assert!(read(&body(&json!({ "payer": company }))).is_ok());
    let unreachable = json!({ "lastName": "Test", "emails": [], "phoneNumbers": [""] });
    assert_eq!(
        broken(&json!({ "payer": unreachable })),
        one("payer.emails", "required")
    );
}

#[test]
fn a_recurring_order_that_is_paid_here_needs_an_open_coupon() {
    let lines = json!([{ "productSpecType": "coupon", "productSpecCode": "TOTT",
        "productSpecNo": 1, "unitPrice": 349 }]);
    let order = read(&body(&json!({ "recurring": true, "orderLines": lines }))).unwrap();
    assert_eq!(order.vat, nok(6_980));
    assert_eq!(order.coupon.unwrap().code, "TOTT");
    assert_eq!(
        broken(&json!({ "recurring": true })),
        one("marketingCouponCode", "required")
    );
    assert_eq!(
        broken(&json!({ "marketingCouponCode": "NONE", "marketingCouponNumber": 1 })),
        one("marketingCouponCode", "unknown")
    );
}

#[test]
fn an_order_that_is_paid_here_costs_something() {
    let nothing = json!({ "orderLines": [{ "unitPrice": 0 }] });
    assert_eq!(broken(&nothing), one("orderAmount", "out_of_range"));
    let mut free = nothing;
    free["paymentMethod"] = "free".into();
    assert!(read(&body(&free)).is_ok());
}

#[test]
fn members_nobody_knows_are_left_alone() {
    assert!(
        read(&body(
            &json!({ "paymentInfo": { "ticket": "1" }, "more": [1] })
        ))
        .is_ok()
    );
}

#[test]
fn the_status_shows_lines_and_customer_number_of_the_registered_body() {
    let text = body(&json!({})).to_string();
    let details = read_details(text.as_bytes(), Currency::NOK);
    assert_eq!(details.customer_number.as_deref(), Some("7"));
    assert_eq!(details.lines.len(), 2);
    assert_eq!(details.lines[0].amount, Some(nok(20_100)));
    assert_eq!(details.lines[1].product_id.as_deref(), Some("CAP"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_stands_in_a_body_is_an_order_or_named_errors(
        name in prop::sample::select(vec![
            "externalOrderId", "orderDate", "paymentMethod", "orderAmount", "currency", "payer",
            "marketingCouponCode", "marketingCouponNumber", "orderLines", "prepaid", "recurring",
        ]),
        value in any_json(),
    ) {
        match read(&body(&json!({ name: value }))) {
            Ok(order) => prop_assert!(order.vat.minor() <= order.amount.minor()),
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }
}
