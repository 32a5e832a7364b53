//! Every status and code that is documented, and what it means here.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn coded(status: u16, code: &str) -> ProviderError {
    let problem = Problem {
        code: Some(code.to_owned()),
        title: None,
    };
    answered(Effect::Possible, status, problem, None)
}

fn sorted(error: &ProviderError) -> (FailureKind, bool) {
    (error.failure().kind, error.may_have_happened())
}

const BUSY: FailureKind = FailureKind::RateLimited { retry_after: None };

#[test]
fn a_status_alone_tells_whether_it_may_have_happened() {
    for (status, kind, may) in [
        (302, FailureKind::BadAnswer, true),
        (400, FailureKind::Refused, false),
        (401, FailureKind::Unauthorized, false),
        (403, FailureKind::Misconfigured, false),
        (404, FailureKind::NotFound, false),
        (408, FailureKind::Timeout, true),
        (409, FailureKind::Refused, true),
        (415, FailureKind::Refused, false),
        (422, FailureKind::Refused, false),
        (423, BUSY, false),
        (429, BUSY, false),
        (500, FailureKind::ProviderBroken, true),
        (503, FailureKind::ProviderBroken, true),
    ] {
        let error = answered(Effect::Possible, status, Problem::default(), None);
        assert_eq!(sorted(&error), (kind, may), "{status}");
        let read = answered(Effect::None, status, Problem::default(), None);
        assert!(!read.may_have_happened(), "a GET changes nothing: {status}");
    }
}

#[test]
fn every_documented_code_of_epayment_has_its_meaning() {
    use FailureKind::{Misconfigured, NotFound, ProviderBroken, Refused};
    let table: [(&[u16], FailureKind, bool); 6] = [
        (&[3010], ProviderBroken, true),
        (&[4010, 4020, 4150], Refused, true),
        (&[5090], NotFound, false),
        (
            &[5010, 5020, 5030, 5040, 5050, 5060, 5080],
            Misconfigured,
            false,
        ),
        (&[6160, 6280], BUSY, false),
        (
            &[
                4040, 4050, 4060, 4070, 4080, 4090, 4100, 4110, 4120, 4130, 4140, 4160, 5070, 5100,
                6010, 6020, 6030, 6040, 6050, 6060, 6070, 6080, 6090, 6100, 6110, 6120, 6130, 6140,
                6150, 6170, 6180, 6190, 6200, 6210, 6220, 6230, 6250, 6260, 7010, 10_010, 10_020,
                10_030, 10_040, 10_050, 10_060, 10_070,
            ],
            Refused,
            false,
        ),
    ];
    for (codes, kind, may) in table {
        for code in codes {
            let error = coded(400, &code.to_string());
            assert_eq!(sorted(&error), (kind, may), "{code}");
            assert_eq!(error.failure().code, Some(code.to_string()));
        }
    }
}

#[test]
fn every_documented_problem_of_recurring_has_its_meaning() {
    use FailureKind::{Misconfigured, NotFound, Refused, Unauthorized};
    for (status, code, kind, may) in [
        (400, "validation-error", Refused, false),
        (400, "invalid-agreement-id", NotFound, false),
        (400, "invalid-json", Refused, false),
        (415, "unsupported-media-type", Refused, false),
        (401, "not-authorized", Unauthorized, false),
        (403, "not-authorized", Misconfigured, false),
        (400, "idempotency-key-header", Refused, false),
        (400, "charge-amount-too-high", Refused, false),
        (400, "charge-due-too-soon", Refused, false),
        (400, "charge-due-in-too-long", Refused, false),
        (400, "unsupported-feature", Misconfigured, false),
        (400, "illegal-agreement-update", Refused, false),
        (400, "invalid-suggested-max-amount", Refused, false),
        (400, "cancel-charge-failed", Refused, false),
        (400, "charge-creation-failed", Refused, false),
        (400, "charge-capture-failed", Refused, false),
        (400, "missing-request-header", Refused, false),
        (400, "invalid-sale-unit", Misconfigured, false),
        (404, "resource-not-found", NotFound, false),
        (400, "operation-failed", Refused, false),
        (409, "conflict", Refused, true),
        (409, "idempotency-conflict", Refused, true),
    ] {
        assert_eq!(sorted(&coded(status, code)), (kind, may), "{status} {code}");
    }
}

#[test]
fn a_code_that_is_not_documented_is_judged_by_its_status() {
    for code in ["9999", "a-new-problem"] {
        assert_eq!(sorted(&coded(400, code)), (FailureKind::Refused, false));
        assert_eq!(
            sorted(&coded(502, code)),
            (FailureKind::ProviderBroken, true)
        );
    }
}

#[test]
fn a_wait_that_is_told_is_passed_on() {
    let wait = Some(Duration::from_secs(7));
    for status in [423, 429] {
        let error = answered(Effect::Possible, status, Problem::default(), wait);
        assert_eq!(
            error.failure().kind,
            FailureKind::RateLimited { retry_after: wait }
        );
    }
}

#[test]
fn each_party_names_its_problem_in_its_own_way() {
    let details = |reason: Value| {
        json!({ "title": "No", "extraDetails": [
        { "field": "old", "text": "form" }, { "name": "ErrorCode", "reason": reason }] })
    };
    for (body, code, title) in [
        (details(json!("6080")), Some("6080"), Some("No")),
        (details(json!(6080)), Some("6080"), Some("No")),
        (details(json!("not a number")), None, Some("No")),
        (
            json!({ "type": "https://x/recurring-api-problems#charge-due-too-soon",
                "title": "Bad Request", "status": "400" }),
            Some("charge-due-too-soon"),
            Some("Bad Request"),
        ),
        (
            json!({ "type": "about:blank", "title": "Not Found" }),
            None,
            Some("Not Found"),
        ),
        (
            json!({ "error": "unauthorized_client", "error_codes": [1] }),
            Some("unauthorized_client"),
            None,
        ),
        (
            json!({ "statusCode": 401, "message": "Access denied" }),
            None,
            Some("Access denied"),
        ),
        (
            json!({ "result": { "message": "Something went wrong" } }),
            None,
            Some("Something went wrong"),
        ),
        (
            json!({ "ResponseInfo": { "ResponseMessage": "No" } }),
            None,
            Some("No"),
        ),
        (json!([]), None, None),
        (json!("text"), None, None),
    ] {
        let read = Problem::read(body.to_string().as_bytes());
        assert_eq!(
            (read.code.as_deref(), read.title.as_deref()),
            (code, title),
            "{body}"
        );
    }
    assert_eq!(Problem::read(b"<html>"), Problem::default());
}

#[test]
fn nothing_personal_leaves_in_a_failure() {
    let body = json!({
        "type": "https://x/y#4790000000", "title": "No user with phone 4790000000",
        "detail": "ola@example.com", "instance": "/v1/payments/4790000000",
        "extraDetails": [{ "name": "phoneNumber", "reason": "4790000000" }],
    });
    let error = answered(
        Effect::None,
        400,
        Problem::read(body.to_string().as_bytes()),
        None,
    );
    let shown = format!("{error:?} {error}");
    for secret in ["4790000000", "ola@"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn why_a_customer_was_not_found_is_not_told() {
    let problem = Problem {
        code: Some("7010".to_owned()),
        title: Some("Too young".to_owned()),
    };
    let error = answered(Effect::Possible, 400, problem, None);
    assert_eq!(error.failure().title, None);
}

proptest! {
    #[test]
    fn any_body_is_read_and_any_status_is_sorted(
        body in prop::collection::vec(any::<u8>(), 0..256),
        code in "\\PC{0,20}",
        status in 100_u16..1000,
    ) {
        let read = Problem::read(&body);
        let _ = answered(Effect::Possible, status, read, None);
        let body = json!({ "type": format!("x#{code}"), "title": code, "extraDetails": [
            { "name": "ErrorCode", "reason": code }] });
        let read = Problem::read(body.to_string().as_bytes());
        let error = answered(Effect::None, status, read, None);
        prop_assert!(!error.may_have_happened());
    }
}
