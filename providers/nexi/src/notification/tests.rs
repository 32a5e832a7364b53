//! Which notifications are believed, and what they point at.

use super::*;
use chrono::DateTime;
use mcpay_port::PaymentRef;
use proptest::prelude::*;
use uuid::Uuid;

const KEY: &str = "0123456789abcdefghijABCDEFGHIJ01";
const PAYMENT: PaymentRef = PaymentRef(Uuid::from_u128(7));
const ID: &str = "0254000061f2a5bf3e5b4e8a1cd3e487";
const CHARGED: &[u8] = include_bytes!("../../fixtures/webhook-charge-created.json");

fn read(key: Option<&str>, body: &[u8]) -> Result<Hint, Forged> {
    let authorization = key.map(|key| ("authorization".to_owned(), key.to_owned()));
    let mut headers = vec![("content-type".to_owned(), KEY.to_owned())];
    headers.extend(authorization);
    read_notification(&RawNotification {
        payment: Some(PAYMENT),
        key: None,
        expected_key: &KEY.into(),
        registration: None,
        received_at: DateTime::UNIX_EPOCH,
        headers: &headers,
        body,
    })
}

#[test]
fn both_generations_of_events_name_the_payment() {
    let completed = include_bytes!("../../fixtures/webhook-checkout-completed.json");
    for body in [CHARGED, completed.as_slice()] {
        let hint = read(Some(KEY), body).unwrap();
        assert_eq!(hint.payment, PAYMENT);
        assert_eq!(hint.provider_ref, Some(ProviderRef(ID.to_owned())));
    }
}

#[test]
fn without_the_agreed_value_nothing_is_read() {
    let wrong = KEY.to_lowercase();
    let bearer = format!("Bearer {KEY}");
    for key in [
        None,
        Some(""),
        Some("0"),
        Some(wrong.as_str()),
        Some(bearer.as_str()),
        Some(&KEY[1..]),
    ] {
        assert_eq!(read(key, CHARGED), Err(Forged::WrongKey));
    }
}

#[test]
fn a_key_in_the_url_or_an_empty_expected_one_opens_nothing() {
    for (expected, key) in [(KEY, Some(KEY)), ("", None), ("", Some(""))] {
        let raw = RawNotification {
            payment: Some(PAYMENT),
            key,
            expected_key: &expected.into(),
            registration: None,
            received_at: DateTime::UNIX_EPOCH,
            headers: &[],
            body: CHARGED,
        };
        assert_eq!(read_notification(&raw), Err(Forged::WrongKey));
    }
}

#[test]
fn an_id_of_another_shape_is_not_adopted() {
    for id in ["https://evil.example/x", "1234", "../payments"] {
        let body = serde_json::json!({ "data": { "paymentId": id } });
        let hint = read(Some(KEY), body.to_string().as_bytes()).unwrap();
        assert_eq!(hint.provider_ref, None, "{id}");
    }
}

#[test]
fn a_huge_one_names_no_id_and_one_for_no_payment_is_refused() {
    let huge = serde_json::json!({ "data": { "paymentId": ID }, "x": "x".repeat(70_000) });
    let hint = read(Some(KEY), huge.to_string().as_bytes()).unwrap();
    assert_eq!(hint.provider_ref, None);
    let raw = RawNotification {
        payment: None,
        key: None,
        expected_key: &KEY.into(),
        registration: None,
        received_at: DateTime::UNIX_EPOCH,
        headers: &[("authorization".to_owned(), KEY.to_owned())],
        body: CHARGED,
    };
    assert_eq!(read_notification(&raw), Err(Forged::Unreadable));
}

proptest! {
    #[test]
    fn arbitrary_bytes_with_the_right_key_are_a_hint_that_names_no_id(
        body in prop::collection::vec(any::<u8>(), 0..512),
    ) {
        let hint = Hint { payment: PAYMENT, provider_ref: None };
        prop_assert_eq!(read(Some(KEY), &body), Ok(hint));
    }

    #[test]
    fn only_an_id_of_nexis_form_is_adopted(id in ".{0,60}|[0-9a-f-]{30,40}") {
        let body = serde_json::json!({ "data": { "paymentId": id, "amount": "x" }, "event": 7 });
        let hint = read(Some(KEY), body.to_string().as_bytes()).unwrap();
        prop_assert_eq!(hint.provider_ref.is_some(), link::is_uuid(&id));
    }

    #[test]
    fn arbitrary_keys_never_open(key in ".{0,40}") {
        prop_assume!(key != KEY);
        prop_assert_eq!(read(Some(&key), b"{}"), Err(Forged::WrongKey));
    }
}
