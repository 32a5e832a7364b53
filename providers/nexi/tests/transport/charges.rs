//! Charges of agreements: declined, lost, found again; and stopping.

use std::time::Duration;

use mcpay_port::{Charged, FailureKind, Progress, ProviderRef, Standing};
use serde_json::json;

use crate::stage::*;

fn started() -> Charged {
    Charged::Started(ProviderRef(ID.to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_agreement_is_charged_at_its_own_address_with_the_key() {
    for (token, path) in [
        (
            UNSCHEDULED,
            "unscheduledsubscriptions/5d1c7a90e2b84f36a1d05c9e7f3b2846",
        ),
        (
            SUBSCRIPTION,
            "subscriptions/d79a515d6a21477f9d32ac1f0b7c6e55",
        ),
    ] {
        let stage = stage(vec![say(200, "charge-of-agreement")]);
        assert_eq!(stage.charge(token).await, Ok(started()));
        assert_eq!(stage.lines(), [format!("POST /v1/{path}/charges")]);
        assert_eq!(stage.asked()[0].key.as_deref(), Some(KEY));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_is_declined_with_or_without_a_number() {
    let declined = |code: &str| {
        Ok(Charged::Declined {
            code: code.to_owned(),
            agreement_is_over: false,
        })
    };
    for (say, code) in [
        (bare(402), "402"),
        (say(402, "problem-hard-decline"), "1029"),
        (say(400, "problem-expired-subscription"), "1030"),
    ] {
        let stage = stage(vec![say]);
        assert_eq!(stage.charge(UNSCHEDULED).await, declined(code));
        assert_eq!(stage.asked().len(), 1, "a decline is an answer");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_that_nexi_refuses_did_not_happen() {
    for (say, kind) in [
        (say(400, "problem-validation"), FailureKind::Refused),
        (say(400, "problem-unheard-of"), FailureKind::Refused),
        (bare(404), FailureKind::NotFound),
        (bare(401), FailureKind::Unauthorized),
    ] {
        let stage = stage(vec![say]);
        assert_eq!(kind_of(stage.charge(UNSCHEDULED).await), (false, kind));
        assert_eq!(stage.asked().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_without_an_answer_is_asked_for_by_its_key_and_not_resent() {
    for lost in [
        Say::Nothing,
        bare(409),
        bare(500),
        Say::Json(200, json!({})),
    ] {
        let stage = stage(vec![lost, say(200, "charge-status")]);
        assert_eq!(stage.charge(SUBSCRIPTION).await, Ok(started()));
        let path = "/v1/subscriptions/d79a515d6a21477f9d32ac1f0b7c6e55/charges";
        assert_eq!(
            stage.lines(),
            [format!("POST {path}"), format!("GET {path}/status")]
        );
        let keys: Vec<_> = stage.asked().into_iter().map(|call| call.key).collect();
        assert_eq!(keys, [Some(KEY.to_owned()), Some(KEY.to_owned())]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_charge_is_looked_for_before_it_is_sent_again() {
    let hour = Duration::from_secs(3_600);
    let found = stage(vec![say(200, "charge-status")]);
    assert_eq!(found.charge_again(hour * 2).await, Ok(started()));
    assert_eq!(found.asked()[0].method, "GET", "no money moves twice");
    assert_eq!(found.asked().len(), 1);

    let unknown = stage(vec![bare(404), say(200, "charge-of-agreement")]);
    assert_eq!(unknown.charge_again(hour * 2).await, Ok(started()));
    assert_eq!(unknown.asked().len(), 2);

    let silent = stage(vec![bare(500)]);
    assert!(
        silent
            .charge_again(hour * 2)
            .await
            .unwrap_err()
            .may_have_happened()
    );
    assert_eq!(silent.asked().len(), 1, "it is not sent");

    let young = stage(vec![say(200, "charge-of-agreement")]);
    assert_eq!(young.charge_again(hour / 2).await, Ok(started()));
    assert_eq!(young.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_that_nexi_does_not_know_yet_may_still_happen() {
    for unknown in [bare(404), bare(500), Say::Json(200, json!({}))] {
        let stage = stage(vec![bare(409), unknown]);
        let open = stage.charge(UNSCHEDULED).await;
        assert_eq!(kind_of(open), (true, FailureKind::Refused));
        assert_eq!(stage.asked().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_about_a_lost_charge_finds_its_payment_first() {
    let stage = stage(vec![say(200, "charge-status"), say(200, "payment-charged")]);
    let seen = stage.inquire(&lost_charge()).await.unwrap();
    assert_eq!(seen.standing, Standing::Approved);
    assert_eq!(seen.provider_ref.as_str(), ID);
    assert_eq!(stage.lines()[1], format!("GET /v1/payments/{ID}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_about_a_charge_that_was_never_made_finds_nothing() {
    let stage = stage(vec![bare(404)]);
    let asked = stage.inquire(&lost_charge()).await;
    assert_eq!(kind_of(asked), (false, FailureKind::NotFound));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_needs_no_call() {
    let stage = stage(vec![bare(500)]);
    assert_eq!(stage.stop().await, Ok(Progress::Done));
    assert_eq!(stage.stop().await, Ok(Progress::Done));
    assert!(stage.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_token_that_would_change_the_url_is_never_sent() {
    let stage = stage(vec![say(200, "charge-of-agreement")]);
    for token in [
        "",
        "unscheduled.",
        "unscheduled.a/b",
        "subscription.a?b",
        "x.1",
    ] {
        let charged = stage.charge(token).await;
        assert_eq!(kind_of(charged), (false, FailureKind::Misconfigured));
    }
    assert!(stage.asked().is_empty());
}
