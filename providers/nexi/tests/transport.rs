//! The adapter on a network that misbehaves: a server that answers exactly what each test says.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

#[path = "transport/charges.rs"]
mod charges;
#[path = "transport/contract.rs"]
mod contract;
#[path = "transport/digest.rs"]
mod digest;
#[path = "transport/money_moves.rs"]
mod money_moves;
#[path = "transport/stage.rs"]
mod stage;

use std::time::Duration;

use mcpay_nexi::Nexi;
use mcpay_port::{
    Attempt, EndReason, FailureKind, Flow, Money, Progress, Provider, ProviderRef, Standing,
};
use serde_json::json;

use stage::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_brings_the_key_as_it_is_and_names_the_platform() {
    let stage = stage(vec![
        say(201, "created-embedded"),
        say(200, "payment-created"),
        bare(204),
    ]);
    stage.initiate(&order(Flow::Seamless)).await.unwrap();
    stage.inquire(&attempt()).await.unwrap();
    stage.close().await.unwrap();
    let asked = stage.asked();
    for call in &asked {
        assert_eq!(call.authorization.as_deref(), Some(SECRET_KEY));
        assert_eq!(call.tag.as_deref(), Some("mcpay"));
        assert_eq!(call.key, None, "none of these calls takes a key");
    }
    assert_eq!(asked[0].content_type.as_deref(), Some("application/json"));
    assert_eq!(
        stage.lines(),
        [
            "POST /v1/payments".to_owned(),
            format!("GET /v1/payments/{ID}"),
            format!("PUT /v1/payments/{ID}/terminate"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_whose_outcome_is_unknown_is_never_resent() {
    let page = b"<html>Bad gateway</html>".to_vec();
    for (say, kind) in [
        (Say::Nothing, FailureKind::Timeout),
        (bare(500), FailureKind::ProviderBroken),
        (Say::Raw(502, page.clone()), FailureKind::ProviderBroken),
        (Say::Raw(201, page.clone()), FailureKind::BadAnswer),
        (Say::Raw(404, page), FailureKind::BadAnswer),
        (Say::Json(201, json!({})), FailureKind::BadAnswer),
        (bare(201), FailureKind::BadAnswer),
    ] {
        let stage = stage(vec![say]);
        let lost = stage.initiate(&order(Flow::Seamless)).await;
        assert_eq!(kind_of(lost), (true, kind));
        assert_eq!(stage.asked().len(), 1, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_nexi_refuses_did_not_happen_and_names_the_fields() {
    let stage = stage(vec![say(400, "problem-validation")]);
    let error = stage.initiate(&order(Flow::Redirect)).await.unwrap_err();
    assert!(!error.may_have_happened());
    let title = error.failure().title.clone().unwrap();
    assert!(title.contains("checkout.termsUrl"), "{title}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_nexi_could_not_take_is_never_sent() {
    let stage = stage(vec![say(201, "created-embedded")]);
    let mut long = order(Flow::Seamless);
    let page = format!("https://shop.example/?{}", "x".repeat(300));
    long.urls.page = page.parse().unwrap();
    let mut huge = order(Flow::Seamless);
    huge.amount = Money::new(i64::from(i32::MAX) + 1, huge.amount.currency());
    for order in [long, huge] {
        let refused = stage.initiate(&order).await;
        assert_eq!(kind_of(refused), (false, FailureKind::Refused));
    }
    assert!(stage.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_not_followed_and_a_followed_one_is_not_believed() {
    let thief = stage(vec![say(200, "payment-reserved")]);
    let stage = stage(vec![Say::Moved(format!("{}/v1/payments/{ID}", thief.base))]);
    let asked = stage.inquire(&attempt()).await;
    assert_eq!(kind_of(asked), (false, FailureKind::BadAnswer));
    let captured = stage.capture(34_900).await;
    assert_eq!(kind_of(captured), (true, FailureKind::BadAnswer));
    assert!(thief.asked().is_empty(), "the redirect was followed");

    let follows = Nexi::new(client().build().unwrap());
    let asked = follows.inquire(&stage.account(), &attempt()).await;
    assert_eq!(kind_of(asked), (false, FailureKind::BadAnswer));
    assert!(
        thief
            .asked()
            .iter()
            .all(|call| call.authorization.is_none())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_that_fails_changed_nothing() {
    let huge = vec![b' '; 600 * 1024];
    for (say, kind) in [
        (Say::Nothing, FailureKind::Timeout),
        (bare(404), FailureKind::NotFound),
        (bare(500), FailureKind::ProviderBroken),
        (Say::Raw(200, b"<html>".to_vec()), FailureKind::BadAnswer),
        (Say::Raw(200, huge), FailureKind::BadAnswer),
        (Say::Json(200, json!({})), FailureKind::BadAnswer),
    ] {
        let stage = stage(vec![say]);
        let asked = stage.inquire(&attempt()).await;
        assert_eq!(kind_of(asked), (false, kind));
        assert_eq!(stage.asked().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_by_the_clock_of_the_answer() {
    let created = fixture("payment-created");
    for (date, standing) in [
        ("Fri, 20 Nov 2026 12:00:00 GMT", Standing::Pending),
        (
            "Sun, 22 Nov 2026 12:00:00 GMT",
            Standing::Ended(EndReason::Expired),
        ),
        ("yesterday", Standing::Pending),
    ] {
        let stage = stage(vec![Say::At(date, created.clone())]);
        let seen = stage.inquire(&attempt()).await.unwrap();
        assert_eq!(seen.standing, standing, "{date}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_limit_says_when_to_come_back_and_a_401_says_who_is_at_fault() {
    let limited = stage(vec![Say::Json(429, json!({}))]);
    let retry_after = Some(Duration::from_secs(7));
    assert_eq!(
        kind_of(limited.inquire(&attempt()).await),
        (false, FailureKind::RateLimited { retry_after })
    );
    let refund = limited.refund(100).await;
    assert_eq!(
        kind_of(refund),
        (false, FailureKind::RateLimited { retry_after })
    );
    assert!(limited.lines().iter().all(|line| line.starts_with("GET ")));
    let unauthorized = stage(vec![bare(401)]);
    assert_eq!(
        kind_of(unauthorized.initiate(&order(Flow::Seamless)).await),
        (false, FailureKind::Unauthorized)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_is_closed_by_one_call_that_says_it_has_no_body() {
    let stage = stage(vec![bare(204)]);
    assert_eq!(stage.close().await, Ok(Progress::Done));
    let asked = stage.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].content_length.as_deref(), Some("0"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_that_came_too_late_is_refused_and_a_lost_one_is_open() {
    for status in [400, 405, 409] {
        let stage = stage(vec![bare(status)]);
        assert_eq!(kind_of(stage.close().await), (false, FailureKind::Refused));
    }
    let unknown = stage(vec![bare(404)]);
    assert_eq!(
        kind_of(unknown.close().await),
        (false, FailureKind::NotFound)
    );
    let silent = stage(vec![Say::Nothing]);
    assert_eq!(kind_of(silent.close().await), (true, FailureKind::Timeout));
    let page = stage(vec![Say::Raw(200, b"<html>".to_vec())]);
    assert_eq!(kind_of(page.close().await), (true, FailureKind::BadAnswer));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_id_that_would_change_the_url_is_never_sent() {
    let stage = stage(vec![say(200, "payment-reserved")]);
    for id in ["", "..", "a/b", "a?b", "a%2fb", "https://evil.example/x"] {
        let attempt = Attempt {
            provider_ref: Some(ProviderRef(id.to_owned())),
            ..attempt()
        };
        let asked = stage.inquire(&attempt).await;
        assert_eq!(kind_of(asked), (false, FailureKind::NotFound));
    }
    assert!(stage.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_error_shows_the_key_or_what_nexi_wrote() {
    let leak = json!({ "message": SECRET_KEY, "code": SECRET_KEY, "source": SECRET_KEY,
        "errors": { SECRET_KEY: [SECRET_KEY], "order": ["Anna +4790000000"] } });
    let stage = stage(vec![Say::Json(400, leak)]);
    let error = stage.charge(UNSCHEDULED).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    for secret in [SECRET_KEY, UNSCHEDULED, "4790000000", "Anna", &stage.base] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
