//! The adapter on a network that misbehaves: a server that answers exactly what each test says.

#![allow(clippy::unwrap_used, reason = "all of this file is a test")]

#[path = "transport/stage.rs"]
mod stage;

use std::time::Duration;

use mcpay_payex::Payex;
use mcpay_port::{Attempt, Charged, FailureKind, Progress, Provider, ProviderRef, Standing};
use serde_json::json;

use stage::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_names_the_version_and_itself_and_brings_the_token() {
    let stage = stage(|base| vec![paid(base, &json!([])), paid(base, &ours())]);
    assert_eq!(stage.capture().await, Ok(Progress::Done));
    let asked = stage.asked();
    assert_eq!(asked.len(), 2);
    for call in &asked {
        assert_eq!(
            call.authorization.as_deref(),
            Some("Bearer transport-access-token")
        );
        assert_eq!(
            call.content_type.as_deref(),
            Some("application/json;version=3.1")
        );
        assert!(
            call.accept
                .as_deref()
                .unwrap()
                .starts_with("application/json;version=3.1")
        );
        assert!(call.user_agent.as_deref().unwrap().starts_with("mcpay/"));
    }
    let expand = "?$expand=paid,cancelled,financialtransactions";
    assert_eq!(
        stage.lines(),
        [
            format!("GET {ID}{expand}"),
            format!("POST {ID}/captures{expand}")
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_to_a_foreign_host_never_gets_the_token() {
    let thief = stage(|_| vec![Say::Json(200, json!({}))]);
    let stage = stage(|_| vec![paid(&thief.base, &json!([]))]);
    assert_eq!(
        kind_of(stage.capture().await),
        (false, FailureKind::Refused)
    );
    assert!(thief.asked().is_empty(), "the foreign host was called");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_not_followed_and_a_followed_one_is_not_believed() {
    let thief = stage(|base| vec![paid(base, &json!([]))]);
    let stage = stage(|_| vec![Say::Moved(format!("{}{ID}", thief.base))]);
    let asked = payex().inquire(&stage.account(), &attempt()).await;
    assert_eq!(kind_of(asked), (false, FailureKind::BadAnswer));
    assert!(thief.asked().is_empty(), "the redirect was followed");

    let follows = Payex::new(client().build().unwrap());
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
async fn an_answer_that_is_no_order_leaves_a_write_open_and_an_inquiry_failed() {
    let huge = vec![b' '; 600 * 1024];
    for body in [b"<html>".to_vec(), b"{}".to_vec(), Vec::new(), huge] {
        let say = Say::Raw(200, body);
        let stage = stage(|base| vec![paid(base, &json!([])), say]);
        assert_eq!(
            kind_of(stage.capture().await),
            (true, FailureKind::BadAnswer)
        );
        let asked = payex().inquire(&stage.account(), &attempt()).await;
        assert_eq!(kind_of(asked), (false, FailureKind::BadAnswer));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_leaves_a_write_open_and_an_inquiry_failed() {
    let stage = stage(|base| vec![paid(base, &json!([])), Say::Nothing]);
    assert_eq!(kind_of(stage.capture().await), (true, FailureKind::Timeout));
    let asked = payex().inquire(&stage.account(), &attempt()).await;
    assert_eq!(kind_of(asked), (false, FailureKind::Timeout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_before_the_capture_is_sent_did_not_happen() {
    let stage = stage(|_| vec![problem(500, "problem-system-error")]);
    assert_eq!(
        kind_of(stage.capture().await),
        (false, FailureKind::ProviderBroken)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_is_in_the_list_already_is_not_sent_again() {
    let stage = stage(|base| vec![paid(base, &ours())]);
    assert_eq!(stage.capture().await, Ok(Progress::Done));
    assert_eq!(stage.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_reference_is_looked_up_and_done_only_when_it_is_ours() {
    let used = || problem(400, "problem-reference-used");
    let found = stage(|base| vec![paid(base, &json!([])), used(), paid(base, &ours())]);
    assert_eq!(found.capture().await, Ok(Progress::Done));
    assert_eq!(found.asked().len(), 3);

    let absent = stage(|base| vec![paid(base, &json!([])), used(), paid(base, &json!([]))]);
    let error = absent.capture().await.unwrap_err();
    assert!(!error.may_have_happened());
    assert_eq!(
        error.failure().code.as_deref(),
        Some("payee_reference_used")
    );

    let unknown = stage(|base| vec![paid(base, &json!([])), used(), Say::Nothing]);
    assert!(unknown.capture().await.unwrap_err().may_have_happened());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_above_the_rest_is_refused_without_costing_one_of_payexs_five_tries() {
    let stage = stage(|base| {
        let taken = json!([{ "type": "Capture", "amount": 30_000, "payeeReference": "OTHER" }]);
        vec![paid(base, &taken)]
    });
    assert_eq!(
        kind_of(stage.capture().await),
        (false, FailureKind::Refused)
    );
    assert_eq!(stage.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_answer_is_not_done() {
    let stage = stage(|base| {
        let Say::Json(_, body) = paid(base, &ours()) else {
            unreachable!("paid is JSON")
        };
        vec![paid(base, &json!([])), Say::Json(202, body)]
    });
    assert_eq!(stage.capture().await, Ok(Progress::Accepted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_is_declined_by_the_card_or_its_token_and_refused_by_a_used_reference() {
    let declined = stage(|_| vec![problem(403, "problem-card-declined")]);
    let code = "acquirerinsufficientfunds".to_owned();
    let refused = Charged::Declined {
        code,
        agreement_is_over: false,
    };
    assert_eq!(declined.charge().await, Ok(refused));

    let over = async |status, name| {
        let charged = stage(|_| vec![problem(status, name)]).charge().await;
        charged.map(|charged| charged.says_agreement_is_over())
    };
    assert_eq!(over(422, "problem-token-inactive").await, Ok(true));
    let unknown = over(404, "problem-token-unknown").await.unwrap_err();
    assert_eq!(
        unknown.failure().kind,
        FailureKind::NotFound,
        "perhaps another account's"
    );

    let used = stage(|_| vec![problem(400, "problem-reference-used")]);
    let error = used.charge().await.unwrap_err();
    assert!(!error.may_have_happened());
    assert_eq!(
        error.failure().code.as_deref(),
        Some("payee_reference_used")
    );

    let broken = stage(|_| vec![problem(500, "problem-system-error")]);
    assert_eq!(
        kind_of(broken.charge().await),
        (true, FailureKind::ProviderBroken)
    );
    assert_eq!(broken.asked().len(), 1, "a charge is sent once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_limit_says_when_to_come_back_and_a_401_says_who_is_at_fault() {
    let limited = stage(|_| vec![Say::Json(429, json!({ "type": "x/toomanyrequests" }))]);
    let retry_after = Some(Duration::from_secs(7));
    assert_eq!(
        kind_of(limited.charge().await),
        (false, FailureKind::RateLimited { retry_after })
    );
    let unauthorized = stage(|_| vec![Say::Raw(401, Vec::new())]);
    assert_eq!(
        kind_of(unauthorized.charge().await),
        (false, FailureKind::Unauthorized)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_is_done_when_payex_says_the_token_is_gone_and_not_when_a_proxy_does() {
    for (status, name) in [
        (404, "problem-token-unknown"),
        (422, "problem-token-inactive"),
    ] {
        let stage = stage(|_| vec![problem(status, name)]);
        assert_eq!(stage.stop("stored-token").await, Ok(Progress::Done));
        assert_eq!(
            stage.lines(),
            ["PATCH /psp/paymentorders/unscheduledTokens/stored-token"]
        );
    }
    let proxy = stage(|_| vec![Say::Raw(404, b"not here".to_vec())]);
    assert_eq!(
        kind_of(proxy.stop("stored-token").await),
        (false, FailureKind::NotFound)
    );
    let silent = stage(|_| vec![Say::Nothing]);
    assert_eq!(
        kind_of(silent.stop("stored-token").await),
        (true, FailureKind::Timeout)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_value_that_would_change_the_url_is_never_sent() {
    let stage = stage(|_| vec![Say::Json(200, json!({}))]);
    for token in ["", "..", "a/b", "a?b", "a%2fb"] {
        assert_eq!(
            kind_of(stage.stop(token).await),
            (false, FailureKind::Misconfigured)
        );
    }
    for id in ["/psp/paymentorders/../x", "https://evil.example/x", ""] {
        let attempt = Attempt {
            provider_ref: Some(ProviderRef(id.to_owned())),
            ..attempt()
        };
        let asked = payex().inquire(&stage.account(), &attempt).await;
        assert_eq!(kind_of(asked), (false, FailureKind::NotFound));
    }
    assert!(stage.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_asks_for_everything_that_it_reads() {
    let stage = stage(|base| vec![paid(base, &ours())]);
    let seen = payex().inquire(&stage.account(), &attempt()).await.unwrap();
    assert_eq!(
        (seen.standing, seen.captured),
        (Standing::Approved, nok(10_000))
    );
    let expand = "paid,financialtransactions,failed,aborted,cancelled,payeeinfo";
    assert_eq!(stage.lines(), [format!("GET {ID}?$expand={expand}")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_error_shows_the_token() {
    let leak = json!({ "type": format!("x/{TOKEN}"), "title": format!("Bearer {TOKEN} 4711"),
        "detail": TOKEN, "problems": [{ "name": TOKEN, "description": TOKEN }] });
    let stage = stage(|_| vec![Say::Json(400, leak)]);
    let error = stage.stop("5a17c24e-secret").await.unwrap_err();
    let shown = format!("{error} {error:?}");
    for secret in [TOKEN, "5a17c24e-secret", "Bearer", &stage.base] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
