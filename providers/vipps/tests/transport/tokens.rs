//! Access tokens: one for all, renewed in time, and never a reason to do a thing twice.

use futures_util::future::join_all;
use mcpay_port::{FailureKind, PaymentMethod, Progress, Provider, Standing};
use serde_json::json;

use crate::stage::words::*;
use crate::stage::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_credentials_are_headers_and_the_body_is_empty() {
    let stage = stage(vec![say(200, "epayment-created")]);
    vipps().inquire(&stage.account(), &payment()).await.unwrap();
    let asked = stage.tokens_asked();
    assert_eq!(asked.len(), 1);
    for (name, value) in [
        ("client_id", "client-1"),
        ("client_secret", SECRET),
        ("ocp-apim-subscription-key", KEY),
        ("merchant-serial-number", "123456"),
        ("vipps-system-name", "mcpay"),
        ("vipps-system-plugin-name", "mcpay-vipps"),
        ("content-length", "0"),
    ] {
        assert_eq!(asked[0].header(name), Some(value), "{name}");
    }
    for name in ["authorization", "idempotency-key", "content-type"] {
        assert_eq!(asked[0].header(name), None, "{name}");
    }
    assert!(asked[0].body.is_none());
    assert_eq!(asked[0].line(), "POST /accesstoken/get");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_wait_get_one_token_and_later_calls_reuse_it() {
    let stage = stage(vec![say(200, "epayment-created")]);
    let (vipps, account, attempt) = (vipps(), stage.account(), payment());
    let seen = join_all((0..10).map(|_| vipps.inquire(&account, &attempt))).await;
    assert!(
        seen.into_iter()
            .all(|seen| seen.unwrap().standing == Standing::Pending)
    );
    vipps.inquire(&account, &attempt).await.unwrap();
    assert_eq!(stage.tokens_asked().len(), 1);
    assert_eq!(stage.asked().len(), 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_fetch_is_told_to_all_that_waited_for_it() {
    let stage = stage_with_tokens(vec![Say::Nothing], vec![say(200, "epayment-created")]);
    let (vipps, account, attempt) = (vipps(), stage.account(), payment());
    let began_at = std::time::Instant::now();
    for seen in join_all((0..10).map(|_| vipps.inquire(&account, &attempt))).await {
        assert_eq!(kind_of(seen), (false, FailureKind::Timeout));
    }
    assert_eq!(stage.tokens_asked().len(), 1);
    assert!(
        began_at.elapsed().as_millis() < 5_000,
        "they waited one after the other"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_lasts_no_longer_is_fetched_again() {
    let short = json!({ "access_token": "short", "expires_in": 0, "token_type": "Bearer" });
    let tokens = vec![Say::Json(200, short), token(2)];
    let stage = stage_with_tokens(tokens, vec![say(200, "epayment-created")]);
    let (vipps, account) = (vipps(), stage.account());
    for _ in 0..3 {
        vipps.inquire(&account, &payment()).await.unwrap();
    }
    let used: Vec<_> = stage
        .asked()
        .iter()
        .map(|it| it.header("authorization").map(str::to_owned))
        .collect();
    let second = Some("Bearer transport-access-token-2".to_owned());
    assert_eq!(
        used,
        [Some("Bearer short".to_owned()), second.clone(), second]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_account_has_a_token_of_its_own() {
    let stage = stage(vec![say(200, "epayment-created")]);
    let vipps = vipps();
    for (field, value) in [
        ("client_id", "client-1"),
        ("client_id", "client-2"),
        ("client_secret", "rotated"),
        ("merchant_serial_number", "654321"),
    ] {
        let mut settings = stage.settings();
        settings[field] = json!(value);
        vipps
            .inquire(&account(&settings), &payment())
            .await
            .unwrap();
    }
    assert_eq!(stage.tokens_asked().len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_token_that_is_refused_is_replaced_once_and_the_call_repeated_with_its_key() {
    let script = vec![
        say(200, "epayment-created"),
        say(401, "problem-gateway"),
        say(200, "epayment-captured"),
    ];
    let stage = stage(script);
    let (vipps, account) = (vipps(), stage.account());
    vipps.inquire(&account, &payment()).await.unwrap();
    let captured = vipps
        .capture(&account, operation(), &payment(), nok(34_900), nok(0))
        .await;
    assert_eq!(captured, Ok(Progress::Done));
    assert_eq!(stage.tokens_asked().len(), 2);
    let asked = stage.asked();
    assert_eq!(asked.len(), 3);
    for (call, token) in [(&asked[1], 1), (&asked[2], 2)] {
        let expected = format!("Bearer transport-access-token-{token}");
        assert_eq!(call.header("authorization"), Some(expected.as_str()));
        assert_eq!(call.header("idempotency-key"), Some(OPERATION));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_token_that_is_refused_is_the_accounts_fault() {
    let stage = stage(vec![say(401, "problem-gateway-recurring")]);
    let (vipps, account) = (vipps(), stage.account());
    let asked = vipps.inquire(&account, &payment()).await;
    assert_eq!(kind_of(asked), (false, FailureKind::Unauthorized));
    assert_eq!((stage.tokens_asked().len(), stage.asked().len()), (1, 1));
    let asked = vipps.inquire(&account, &payment()).await;
    assert_eq!(kind_of(asked), (false, FailureKind::Unauthorized));
    assert_eq!((stage.tokens_asked().len(), stage.asked().len()), (2, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_token_nothing_happened_whatever_was_to_be_done() {
    for (tokens, kind) in [
        (say(401, "problem-client-secret"), FailureKind::Unauthorized),
        (say(401, "problem-gateway"), FailureKind::Unauthorized),
        (Say::Raw(500, Vec::new()), FailureKind::ProviderBroken),
        (Say::Raw(200, b"<html>".to_vec()), FailureKind::BadAnswer),
        (
            Say::Json(200, json!({ "access_token": "", "expires_in": "1" })),
            FailureKind::BadAnswer,
        ),
        (Say::Nothing, FailureKind::Timeout),
    ] {
        let stage = stage_with_tokens(vec![tokens], vec![say(200, "epayment-created")]);
        let (vipps, account) = (vipps(), stage.account());
        let order = order(PaymentMethod::VippsEcommerce);
        let created = vipps.initiate(&account, operation(), &order).await;
        assert_eq!(kind_of(created), (false, kind));
        let charged = vipps
            .charge(&account, operation(), &agreement(), &charge_order())
            .await;
        assert_eq!(kind_of(charged), (false, kind));
        assert!(stage.asked().is_empty());
    }
}
