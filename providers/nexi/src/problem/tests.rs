//! The table of failures: what may have happened, by status and code.

use super::*;
use proptest::prelude::*;

fn nexis(body: &str) -> ErrorBody {
    let read = ErrorBody::read(body.as_bytes());
    assert!(matches!(read, ErrorBody::Nexis(_)), "{body}");
    read
}

fn failure_of(status: u16, body: &ErrorBody) -> Failure {
    let error = answered(Effect::Possible, status, body, None);
    error.failure().clone()
}

#[test]
fn a_status_tells_whether_it_may_have_happened() {
    let cases = [
        (302, FailureKind::BadAnswer, true),
        (400, FailureKind::Refused, false),
        (401, FailureKind::Unauthorized, false),
        (402, FailureKind::Refused, false),
        (403, FailureKind::Refused, false),
        (404, FailureKind::NotFound, false),
        (405, FailureKind::Refused, false),
        (408, FailureKind::Timeout, true),
        (409, FailureKind::Refused, false),
        (429, FailureKind::RateLimited { retry_after: None }, false),
        (500, FailureKind::ProviderBroken, true),
        (502, FailureKind::ProviderBroken, true),
        (504, FailureKind::ProviderBroken, true),
    ];
    for (status, kind, may) in cases {
        let error = answered(Effect::Possible, status, &ErrorBody::Empty, None);
        let found = (error.failure().kind, error.may_have_happened());
        assert_eq!(found, (kind, may), "{status}");
        let read = answered(Effect::None, status, &ErrorBody::Empty, None);
        assert!(!read.may_have_happened(), "a GET changes nothing: {status}");
    }
}

#[test]
fn a_conflict_on_a_key_means_that_the_first_call_is_still_worked_on() {
    let with_key = answered(Effect::Keyed, 409, &ErrorBody::Empty, None);
    assert!(with_key.may_have_happened());
    assert_eq!(find_decline(&with_key), None);
}

#[test]
fn a_page_of_a_gateway_leaves_a_change_open_whatever_its_status() {
    let page = ErrorBody::read(b"<html>Bad gateway</html>");
    assert_eq!(page, ErrorBody::Foreign);
    for status in [400, 403, 404, 409, 502, 503] {
        let error = answered(Effect::Possible, status, &page, None);
        assert!(error.may_have_happened(), "{status}");
    }
    for status in [401, 429] {
        let error = answered(Effect::Possible, status, &page, None);
        assert!(!error.may_have_happened(), "{status}");
    }
}

#[test]
fn an_empty_body_is_nexis_own_and_says_no_more_than_its_status() {
    for body in [&b""[..], b" \r\n"] {
        assert_eq!(ErrorBody::read(body), ErrorBody::Empty);
    }
}

#[test]
fn a_number_becomes_the_code_and_its_name_the_title() {
    let body = nexis(r#"{"message":"free text","code":"1001","source":"Internal"}"#);
    let failure = failure_of(402, &body);
    assert_eq!(failure.code.as_deref(), Some("1001"));
    assert_eq!(failure.title.as_deref(), Some("OverCharge"));
    let number = failure_of(402, &nexis(r#"{"code":1032}"#));
    assert_eq!(
        number.title.as_deref(),
        Some("NotGenuineSubscriptionTraceId")
    );
}

#[test]
fn a_number_that_nobody_knows_yet_is_passed_on_without_a_name() {
    for code in ["999", "1033", "200000"] {
        let failure = failure_of(400, &nexis(&format!(r#"{{"code":"{code}"}}"#)));
        assert_eq!((failure.code.as_deref(), failure.title), (Some(code), None));
    }
    for code in [r#""HardDecline""#, r#""""#, "null", "1.5", r#""00000000""#] {
        let failure = failure_of(400, &nexis(&format!(r#"{{"code":{code}}}"#)));
        assert_eq!(failure.code, None, "{code}");
    }
}

#[test]
fn refused_fields_are_named_with_or_without_the_wrapper() {
    for body in [
        r#"{"errors":{"order.amount":["text"],"checkout.termsUrl":["text"]}}"#,
        r#"{"order.amount":["text"],"checkout.termsUrl":["text"],"status":400}"#,
    ] {
        let title = failure_of(400, &nexis(body)).title.unwrap();
        assert!(title.contains("order.amount"), "{title}");
        assert!(title.contains("checkout.termsUrl"), "{title}");
        assert!(!title.contains("status"), "{title}");
    }
}

#[test]
fn what_could_be_a_value_is_never_taken_for_a_field() {
    let body = nexis(r#"{"errors":{"+4790000000":["x"],"a b":["x"],"anna@example.com":["x"]}}"#);
    assert_eq!(failure_of(400, &body).title, None);
}

#[test]
fn a_charge_is_declined_by_402_or_by_a_number_about_the_card() {
    let said = |status, body: &str| {
        let body = ErrorBody::read(body.as_bytes());
        find_decline(&answered(Effect::Keyed, status, &body, None))
    };
    assert_eq!(said(402, "").as_deref(), Some("402"));
    assert_eq!(said(402, r#"{"code":"1029"}"#).as_deref(), Some("1029"));
    assert_eq!(said(402, r#"{"code":"4711"}"#).as_deref(), Some("4711"));
    assert_eq!(said(400, r#"{"code":"1030"}"#).as_deref(), Some("1030"));
    assert_eq!(said(400, r#"{"code":"1005"}"#), None);
    assert_eq!(said(400, r#"{"errors":{"order.amount":["x"]}}"#), None);
    assert_eq!(said(404, ""), None);
    assert_eq!(said(500, r#"{"code":"1029"}"#), None);
}

proptest! {
    #[test]
    fn any_body_can_be_read_and_only_numbers_and_field_names_leave_it(
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let failure = failure_of(400, &ErrorBody::read(&body));
        prop_assert!(failure.code.is_none_or(|code| code.parse::<u32>().is_ok()));
    }

    #[test]
    fn no_message_is_ever_passed_on(message in "[a-zA-Z0-9 @+]{12,60}") {
        let body = serde_json::json!({
            "message": message, "source": message, "errors": { "order.items": [message] },
        });
        let shown = format!("{:?}", failure_of(400, &ErrorBody::read(body.to_string().as_bytes())));
        prop_assert!(!shown.contains(message.trim()));
    }
}
