//! Answers that are lost, broken, foreign or rude: never a wrong certainty, and nothing secret
//! told.

use std::time::Duration;

use mcpay_port::{FailureKind, PaymentMethod, Progress, Provider, ProviderError};
use mcpay_vipps::Vipps;
use serde_json::json;

use crate::stage::words::*;
use crate::stage::*;

async fn capture(stage: &Stage) -> Result<Progress, ProviderError> {
    vipps()
        .capture(&stage.account(), operation(), &payment(), nok(100), nok(0))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_a_create_is_asked_for_once_more_with_the_same_key() {
    let created = Say::Json(
        201,
        json!({ "redirectUrl": "https://landing.vipps.no?token=1" }),
    );
    for lost in [
        Say::Nothing,
        Say::Raw(500, Vec::new()),
        Say::Raw(408, Vec::new()),
    ] {
        let stage = stage(vec![lost, created.clone()]);
        let order = order(PaymentMethod::VippsEcommerce);
        vipps()
            .initiate(&stage.account(), operation(), &order)
            .await
            .unwrap();
        let asked = stage.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].body, asked[1].body);
        assert!(
            asked
                .iter()
                .all(|call| call.header("idempotency-key") == Some(OPERATION))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_is_lost_twice_may_have_happened_and_so_may_one_whose_repetition_is_refused()
{
    for second in [
        Say::Nothing,
        Say::Raw(503, Vec::new()),
        Say::Raw(429, Vec::new()),
        say(400, "problem-validation"),
    ] {
        let stage = stage(vec![Say::Nothing, second]);
        let order = order(PaymentMethod::VippsEcommerce);
        let lost = vipps()
            .initiate(&stage.account(), operation(), &order)
            .await;
        assert!(lost.unwrap_err().may_have_happened());
        assert_eq!(stage.asked().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_was_answered_is_not_repeated() {
    for (said, expected) in [
        (
            say(400, "problem-validation"),
            (false, FailureKind::Refused),
        ),
        (
            say(409, "problem-reference-exists"),
            (true, FailureKind::Refused),
        ),
        (
            Say::Raw(201, b"<html>".to_vec()),
            (true, FailureKind::BadAnswer),
        ),
        (
            Say::Raw(403, Vec::new()),
            (false, FailureKind::Misconfigured),
        ),
    ] {
        let stage = stage(vec![said]);
        let order = order(PaymentMethod::VippsEcommerce);
        let told = vipps()
            .initiate(&stage.account(), operation(), &order)
            .await;
        assert_eq!(kind_of(told), expected);
        assert_eq!(stage.asked().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_a_capture_is_left_to_the_service() {
    let stage = stage(vec![Say::Nothing, say(200, "epayment-captured")]);
    assert_eq!(kind_of(capture(&stage).await), (true, FailureKind::Timeout));
    assert_eq!(stage.asked().len(), 1);
    assert_eq!(capture(&stage).await, Ok(Progress::Done));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_to_a_capture_is_sorted_by_whether_it_may_have_happened() {
    let wait = FailureKind::RateLimited {
        retry_after: Some(Duration::from_secs(7)),
    };
    let busy = |status| Say::With(status, "retry-after", "7".to_owned(), json!({}));
    for (said, expected) in [
        (
            say(400, "problem-not-reserved"),
            (false, FailureKind::Refused),
        ),
        (
            say(404, "problem-reference-unknown"),
            (false, FailureKind::NotFound),
        ),
        (busy(423), (false, wait)),
        (busy(429), (false, wait)),
        (
            Say::Raw(500, Vec::new()),
            (true, FailureKind::ProviderBroken),
        ),
        (
            Say::Raw(200, b"<html>".to_vec()),
            (true, FailureKind::BadAnswer),
        ),
        (
            Say::Raw(200, vec![b' '; 3 * 1024 * 1024]),
            (true, FailureKind::BadAnswer),
        ),
    ] {
        assert_eq!(kind_of(capture(&stage(vec![said])).await), expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_may_be_told_as_a_date() {
    for (date, fine) in [("Sun, 01 Mar 2093 10:00:00 GMT", true), ("soon", false)] {
        let said = Say::With(429, "retry-after", date.to_owned(), json!({}));
        let error = capture(&stage(vec![said])).await.unwrap_err();
        let FailureKind::RateLimited { retry_after } = error.failure().kind else {
            panic!("{error}")
        };
        assert_eq!(retry_after, fine.then_some(Duration::from_secs(24 * 3600)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_an_inquiry_fails_of_nothing_happened() {
    for said in [
        Say::Nothing,
        Say::Raw(500, Vec::new()),
        Say::Raw(200, b"{}".to_vec()),
    ] {
        let stage = stage(vec![said]);
        let error = vipps()
            .inquire(&stage.account(), &payment())
            .await
            .unwrap_err();
        assert!(!error.may_have_happened());
        assert_eq!(stage.asked().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_not_followed_and_a_followed_one_is_not_believed() {
    let thief = stage(vec![say(200, "epayment-captured")]);
    let to = format!("{}/epayment/v1/payments/{REFERENCE}", thief.base);
    let stage = stage(vec![Say::With(307, "location", to, json!({}))]);
    let asked = vipps().inquire(&stage.account(), &payment()).await;
    assert_eq!(kind_of(asked), (false, FailureKind::BadAnswer));
    assert_eq!(
        kind_of(capture(&stage).await),
        (true, FailureKind::BadAnswer)
    );
    assert!(thief.asked().is_empty(), "the redirect was followed");

    let follows = Vipps::new(client().build().unwrap());
    let asked = follows.inquire(&stage.account(), &payment()).await;
    assert_eq!(kind_of(asked), (false, FailureKind::BadAnswer));
    assert!(
        thief
            .asked()
            .iter()
            .all(|call| call.header("authorization").is_none())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_error_shows_a_secret_or_a_person() {
    for secret in [TOKEN, SECRET, KEY] {
        let leak = json!({
            "type": format!("x#{secret}"), "title": secret, "detail": "+4790000000",
            "extraDetails": [{ "name": "ErrorCode", "reason": secret }],
        });
        let stage = stage(vec![Say::Json(400, leak)]);
        let order = order(PaymentMethod::VippsEcommerce);
        let error = vipps()
            .initiate(&stage.account(), operation(), &order)
            .await
            .unwrap_err();
        let shown = format!("{error} {error:?}");
        for hidden in [secret, "Bearer", "90000000", &stage.base] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
}
