//! What each event points at, and what points at nothing.

use std::collections::BTreeSet;

use super::*;
use crate::map::samples::{REFERENCE, operation, reference};
use crate::signature::tests::signed;
use chrono::{DateTime, Utc};
use mcpay_port::{ProviderRef, Registration};
use proptest::prelude::*;
use serde_json::json;

const URL: &str = "https://mcpay.example/callbacks/vipps/1";
const DATE: &str = "Sun, 01 Mar 2026 10:01:31 GMT";
const SECRET: &str = "a-secret-of-the-registration";

fn received_at() -> DateTime<Utc> {
    DateTime::parse_from_rfc2822(DATE)
        .unwrap()
        .with_timezone(&Utc)
}

fn read_as(registered: bool, headers: &[(String, String)], body: &[u8]) -> Result<Hint, Forged> {
    let registration = Registration {
        id: "1".to_owned(),
        url: URL.parse().unwrap(),
        secret: SECRET.into(),
    };
    read_notification(&RawNotification {
        payment: None,
        key: None,
        expected_key: &"unused".into(),
        registration: registered.then_some(&registration),
        received_at: received_at(),
        headers,
        body,
    })
}

/// A body that the provider signed.
fn read(body: &[u8]) -> Result<Hint, Forged> {
    read_as(true, &signed(SECRET, URL, DATE, body), body)
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Event, and the provider's reference that it hints at.
fn events() -> Vec<(&'static str, String)> {
    let payment = format!("epayment/{REFERENCE}");
    let agreement = "agreement/agr_7Qx2Lm".to_owned();
    vec![
        ("event-payment-authorized", payment.clone()),
        ("event-payment-cancelled", payment),
        ("event-agreement-activated", agreement.clone()),
        ("event-agreement-stopped", agreement.clone()),
        (
            "event-charge-captured",
            format!("charge/agr_7Qx2Lm/{}", operation().id),
        ),
        ("event-charge-initial-reserved", agreement.clone()),
        // Somebody else's charge is at least news of our agreement.
        ("event-charge-not-ours", agreement),
    ]
}

#[test]
fn every_event_points_at_its_payment_and_at_what_it_is_called_there() {
    for (name, provider_ref) in events() {
        let expected = Hint {
            payment: reference(),
            provider_ref: Some(ProviderRef(provider_ref)),
        };
        assert_eq!(read(&fixture(name)), Ok(expected), "{name}");
    }
}

#[test]
fn every_event_fixture_has_a_stated_meaning() {
    let folder = format!("{}/fixtures", env!("CARGO_MANIFEST_DIR"));
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|file| file.trim_end_matches(".json").to_owned())
        .filter(|name| name.starts_with("event-"))
        .collect();
    assert_eq!(files, events().iter().map(|row| row.0.to_owned()).collect());
}

#[test]
fn without_a_registration_or_its_signature_nothing_is_read() {
    let body = fixture("event-payment-authorized");
    let headers = signed(SECRET, URL, DATE, &body);
    assert_eq!(read_as(false, &headers, &body), Err(Forged::WrongKey));
    assert_eq!(read_as(true, &[], &body), Err(Forged::WrongKey));
    let other = signed("another-secret", URL, DATE, &body);
    assert_eq!(read_as(true, &other, &body), Err(Forged::WrongKey));
    assert_eq!(read_as(true, &headers, b"{}"), Err(Forged::WrongKey));
}

#[test]
fn an_event_that_names_no_payment_of_ours_is_unreadable() {
    for body in [
        json!({}),
        json!(null),
        json!([REFERENCE]),
        json!({ "reference": "mcpay-order-0001", "name": "AUTHORIZED" }),
        json!({ "reference": REFERENCE.to_uppercase(), "name": "AUTHORIZED" }),
        json!({ "reference": 7 }),
        json!({ "agreementId": "agr_1", "agreementExternalId": null, "chargeExternalId": null }),
    ] {
        assert_eq!(
            read(body.to_string().as_bytes()),
            Err(Forged::Unreadable),
            "{body}"
        );
    }
    assert_eq!(read(b""), Err(Forged::Unreadable));
    assert_eq!(read(b"\xff\xfe"), Err(Forged::Unreadable));
    let huge = json!({ "reference": REFERENCE, "x": "x".repeat(MAX_BODY_BYTES) });
    assert_eq!(read(huge.to_string().as_bytes()), Err(Forged::Unreadable));
}

#[test]
fn a_name_that_may_not_enter_a_url_is_not_passed_on() {
    let body = json!({
        "agreementId": "agr_1/../x", "chargeId": "..", "chargeExternalId": REFERENCE,
        "eventType": "recurring.charge-captured.v1",
    });
    let hint = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(
        hint,
        Hint {
            payment: reference(),
            provider_ref: None
        }
    );
}

proptest! {
    #[test]
    fn signed_bytes_of_any_kind_never_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(read(&body), Err(Forged::Unreadable));
    }

    #[test]
    fn only_references_of_our_own_form_are_hints(text in "\\PC{0,60}") {
        for field in ["reference", "chargeExternalId", "agreementExternalId"] {
            let found = read(json!({ field: text }).to_string().as_bytes());
            prop_assert_eq!(found.is_ok(), text.parse::<PaymentRef>().is_ok());
        }
    }
}
