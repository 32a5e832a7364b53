//! PayEx's callbacks: read without I/O, believed for nothing but "look at this payment".
//!
//! PayEx signs nothing. What proves the sender is the key in the callback's URL, which only PayEx
//! and we know; what proves the content is the inquiry that follows.

use mcpay_port::{Forged, Hint, ProviderRef, RawNotification};
use secrecy::ExposeSecret;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::link;

/// Real callbacks have some 200 bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// v3.1; v3.0 adds `payment` and `transaction`, which must not be asked for and are not read.
#[derive(Deserialize)]
struct Callback {
    #[serde(rename = "paymentOrder", alias = "paymentorder")]
    order: CallbackOrder,
}

#[derive(Deserialize)]
struct CallbackOrder {
    id: Option<String>,
}

pub fn read_notification(raw: &RawNotification<'_>) -> Result<Hint, Forged> {
    let expected = raw.expected_key.expose_secret().as_bytes();
    let given = raw.key.unwrap_or_default().as_bytes();
    // An empty key would be one that everybody knows.
    if expected.is_empty() || !bool::from(expected.ct_eq(given)) {
        return Err(Forged::WrongKey);
    }
    let payment = raw.payment.ok_or(Forged::Unreadable)?;
    Ok(Hint {
        payment,
        provider_ref: find_order_id(raw.body),
    })
}

/// The id the body claims. The key has proven the sender, so a body that PayEx changed is still a
/// hint: it only names no id.
fn find_order_id(body: &[u8]) -> Option<ProviderRef> {
    if body.len() > MAX_BODY_BYTES {
        return None;
    }
    let callback: Callback = serde_json::from_slice(body).ok()?;
    link::find_order_ref(&callback.order.id?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use mcpay_port::PaymentRef;
    use proptest::prelude::*;
    use uuid::Uuid;

    const KEY: &str = "0123456789abcdefghijABCDEFGHIJ01";
    const PAYMENT: PaymentRef = PaymentRef(Uuid::from_u128(7));
    const ID: &str = "/psp/paymentorders/7e6cdfc3-1276-44e9-9992-7cf4419750e1";

    fn read(key: Option<&str>, body: &[u8]) -> Result<Hint, Forged> {
        read_notification(&RawNotification {
            payment: Some(PAYMENT),
            key,
            expected_key: &KEY.into(),
            registration: None,
            received_at: DateTime::UNIX_EPOCH,
            headers: &[],
            body,
        })
    }

    #[test]
    fn both_versions_of_the_callback_give_the_order() {
        for body in [
            include_bytes!("../fixtures/callback-v31.json").as_slice(),
            include_bytes!("../fixtures/callback-v30.json").as_slice(),
        ] {
            let hint = read(Some(KEY), body).unwrap();
            assert_eq!(hint.payment, PAYMENT);
            assert_eq!(hint.provider_ref, Some(ProviderRef(ID.to_owned())));
        }
    }

    #[test]
    fn without_the_key_nothing_is_read() {
        let body = include_bytes!("../fixtures/callback-v31.json");
        let wrong = KEY.to_lowercase();
        for key in [
            None,
            Some(""),
            Some("0"),
            Some(wrong.as_str()),
            Some(&KEY[1..]),
        ] {
            assert_eq!(read(key, body), Err(Forged::WrongKey));
        }
    }

    #[test]
    fn an_empty_expected_key_opens_nothing() {
        let raw = RawNotification {
            payment: Some(PAYMENT),
            key: Some(""),
            expected_key: &"".into(),
            registration: None,
            received_at: DateTime::UNIX_EPOCH,
            headers: &[],
            body: include_bytes!("../fixtures/callback-v31.json"),
        };
        assert_eq!(read_notification(&raw), Err(Forged::WrongKey));
    }

    #[test]
    fn an_id_of_another_shape_is_not_adopted() {
        let body = br#"{"paymentOrder":{"id":"https://evil.example/psp/paymentorders/x"}}"#;
        assert_eq!(read(Some(KEY), body).unwrap().provider_ref, None);
    }

    #[test]
    fn a_huge_callback_names_no_id_and_one_without_a_payment_is_refused() {
        let huge = format!(
            r#"{{"paymentOrder":{{"id":"{ID}"}},"x":"{}"}}"#,
            "x".repeat(20_000)
        );
        assert_eq!(read(Some(KEY), huge.as_bytes()).unwrap().provider_ref, None);
        let raw = RawNotification {
            payment: None,
            key: Some(KEY),
            expected_key: &KEY.into(),
            registration: None,
            received_at: DateTime::UNIX_EPOCH,
            headers: &[],
            body: include_bytes!("../fixtures/callback-v31.json"),
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
        fn arbitrary_json_never_panics_and_only_a_sound_id_is_adopted(id in ".{0,60}") {
            let body = serde_json::json!({ "paymentOrder": { "id": id, "number": "x" } });
            let hint = read(Some(KEY), body.to_string().as_bytes()).unwrap();
            prop_assert_eq!(hint.provider_ref.is_some(), link::is_order_id(&id));
        }

        #[test]
        fn arbitrary_keys_never_open(key in ".{0,40}") {
            prop_assume!(key != KEY);
            prop_assert_eq!(read(Some(&key), b"{}"), Err(Forged::WrongKey));
        }
    }
}
