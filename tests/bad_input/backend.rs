//! Arbitrary input from a merchant's backend, whose token is good, and from those who have none.

use proptest::prelude::*;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};

use super::{is_proper, on_each_database, raw_json, send};
use crate::support::orders::order;

const SOME_PAYMENT: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ab";
const TOP: [&str; 16] = [
    "orderDate",
    "externalOrderId",
    "paymentMethod",
    "mcPayRef",
    "prepaid",
    "recurring",
    "orderAmount",
    "currency",
    "vatAmount",
    "discount",
    "payer",
    "receiver",
    "orderLines",
    "orderTexts",
    "paymentSpec",
    "somethingElse",
];
const PAYER: [&str; 8] = [
    "firstName",
    "lastName",
    "emails",
    "phoneNumbers",
    "addresses",
    "customerNumber",
    "country",
    "birthDate",
];
const LINE: [&str; 8] = [
    "productSpecType",
    "productSpecCode",
    "productSpecNo",
    "unitPrice",
    "quantity",
    "vatPercent",
    "vatAmount",
    "discount",
];

/// An object with one member replaced by raw text.
fn with_member(object: &Value, name: &str, text: &str) -> String {
    let mut members: Vec<String> = object
        .as_object()
        .expect("an object")
        .iter()
        .filter(|(known, _)| *known != name)
        .map(|(known, value)| format!("{known:?}:{value}"))
        .collect();
    members.push(format!("{name:?}:{text}"));
    format!("{{{}}}", members.join(","))
}

/// An ordinary order of which one member, at the top, of the payer or of the line, is broken.
fn broken_order((place, which, text): &(usize, usize, String)) -> String {
    let body = order(&json!({}));
    match place % 3 {
        0 => with_member(&body, TOP[which % TOP.len()], text),
        1 => {
            let payer = with_member(&body["payer"], PAYER[which % PAYER.len()], text);
            with_member(&body, "payer", &payer)
        }
        _ => {
            let line = with_member(&body["orderLines"][0], LINE[which % LINE.len()], text);
            with_member(&body, "orderLines", &format!("[{line}]"))
        }
    }
}

#[test]
fn orders_of_any_kind_are_taken_or_refused_with_reasons() {
    let change = (0..3_usize, 0..16_usize, raw_json());
    on_each_database(160, &change, &async |world, change| {
        let backend = world.backend().await;
        let request = backend
            .request(Method::POST, "/capi/v1/client/order")
            .header("content-type", "application/json")
            .body(broken_order(&change));
        is_proper(&send(request).await?)
    });
}

#[test]
fn bodies_of_any_kind_do_nothing_to_what_is_not_there() {
    let paths = prop::sample::select(vec![
        "payment/{}/capture",
        "payment/{}/refund",
        "payment/{}/cancel",
        "agreement/{}/charge",
        "agreement/{}/stop",
        "order/fulfillment",
        "coupon/price",
    ]);
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..400),
        raw_json().prop_map(String::into_bytes),
        (raw_json(), raw_json()).prop_map(|(amount, order)| {
            format!(r#"{{"amount":{amount},"orderId":{order}}}"#).into_bytes()
        }),
        (raw_json(), raw_json()).prop_map(|(reference, day)| {
            format!(
                r#"{{"externalReference":{reference},"amount":1,"description":"x","dueDate":{day}}}"#
            )
            .into_bytes()
        }),
    ];
    on_each_database(128, &(paths, body), &async |world, (path, body)| {
        let backend = world.backend().await;
        let path = format!("/capi/v1/client/{}", path.replace("{}", SOME_PAYMENT));
        let request = backend
            .request(Method::POST, &path)
            .header("content-type", "application/json")
            .header("idempotency-key", "any")
            .body(body);
        let answer = send(request).await?;
        is_proper(&answer)?;
        if answer.status >= 400 {
            Ok(())
        } else {
            Err(format!("{path} was taken: {}", answer.text))
        }
    });
}

#[test]
fn queries_of_any_kind_are_answered_or_refused_with_reasons() {
    let name = prop::sample::select(vec![
        "externalReference",
        "status",
        "from",
        "to",
        "after",
        "limit",
        "x",
    ]);
    let value = prop_oneof![
        "\\PC{0,30}",
        "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:00:00(Z|[+-][0-2][0-9]:30)",
        any::<i64>().prop_map(|number| number.to_string()),
        ".{0,20}",
    ];
    let paths = prop::sample::select(vec![
        "payment",
        "event",
        "coupon/TOTT",
        "order/status/7",
        "payment/019a8d4e-7b7c-7d3e-8f00-0123456789ab",
    ]);
    let query = prop::collection::vec((name, value), 0..4);
    on_each_database(128, &(paths, query), &async |world, (path, query)| {
        let backend = world.backend().await;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&query)
            .finish();
        let path = format!("/capi/v1/client/{path}?{query}");
        is_proper(&send(backend.request(Method::GET, &path)).await?)
    });
}

#[test]
fn authorization_headers_of_any_kind_open_nothing() {
    let visible = || prop::collection::vec(0x21..=0x7e_u8, 0..120);
    let value = prop_oneof![
        prop::collection::vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8], 0..200),
        visible().prop_map(|token| [b"Bearer ".as_slice(), &token].concat()),
        visible().prop_map(|token| [b"Basic ".as_slice(), &token].concat()),
        "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,3}"
            .prop_map(|token| format!("bearer {token}").into_bytes()),
        (0_usize..6_000).prop_map(|size| [b"Bearer ".to_vec(), vec![b'a'; size]].concat()),
    ];
    on_each_database(128, &value, &async |world, value| {
        let value = HeaderValue::from_bytes(&value).map_err(|error| error.to_string())?;
        let url = world.url("/capi/v1/client/event");
        let answer = send(world.http.get(url).header(AUTHORIZATION, value.clone())).await?;
        is_proper(&answer)?;
        if ![400, 401].contains(&answer.status) {
            return Err(format!("it was answered {}", answer.status));
        }
        let form = world
            .http
            .post(world.url("/login/oauth/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, value)
            .body("grant_type=client_credentials");
        asks_in_vain(&send(form).await?)
    });
}

#[test]
fn token_requests_of_any_kind_are_refused_in_the_words_of_oauth() {
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..400),
        "([a-z_]{1,14}=([A-Za-z0-9+]|%[0-9A-Fa-f]{2}|%){0,20}&?){0,6}".prop_map(String::into_bytes),
        "grant_type=client_credentials&client_id=\\PC{0,20}&client_secret=\\PC{0,40}"
            .prop_map(String::into_bytes),
    ];
    on_each_database(96, &body, &async |world, body| {
        let form = world
            .http
            .post(world.url("/login/oauth/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        asks_in_vain(&send(form).await?)
    });
}

/// No token, and an error that RFC 6749 knows.
fn asks_in_vain(answer: &crate::support::client::Answer) -> Result<(), String> {
    let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    if [400, 401].contains(&answer.status) && body["error"].is_string() {
        Ok(())
    } else {
        Err(format!("{} {}", answer.status, answer.text))
    }
}
