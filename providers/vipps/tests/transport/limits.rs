//! What the provider allows in a minute is kept before anything is sent.

use std::time::Duration;

use mcpay_port::{FailureKind, Provider, ProviderError};

use crate::stage::words::*;
use crate::stage::*;

/// How long to wait, of a call that was not sent.
fn wait(error: &ProviderError) -> Duration {
    assert!(!error.may_have_happened(), "{error}");
    let failure = error.failure();
    assert_eq!(failure.status, None, "the provider was not asked");
    match failure.kind {
        FailureKind::RateLimited { retry_after } => retry_after.unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sixth_capture_of_a_payment_in_a_minute_is_not_sent() {
    let stage = stage(vec![say(200, "epayment-captured")]);
    let (vipps, account) = (vipps(), stage.account());
    let attempt = payment();
    let capture = || vipps.capture(&account, operation(), &attempt, nok(100), nok(0));
    for _ in 0..5 {
        capture().await.unwrap();
    }
    let refused = capture().await.unwrap_err();
    assert!(wait(&refused) <= Duration::from_secs(60));
    assert_eq!(stage.asked().len(), 5);
    vipps
        .refund(&account, operation(), &payment(), nok(100), nok(0))
        .await
        .unwrap();
    assert_eq!(stage.asked().len(), 6, "a refund is another call");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_that_is_asked_about_without_end_is_read_again_after_ten_seconds() {
    let stage = stage(vec![say(200, "charge-due")]);
    let (vipps, account) = (vipps(), stage.account());
    for _ in 0..5 {
        vipps.inquire(&account, &begun_charge()).await.unwrap();
    }
    let refused = vipps.inquire(&account, &begun_charge()).await.unwrap_err();
    assert!(wait(&refused) <= Duration::from_secs(10));
    assert_eq!(stage.asked().len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repetition_counts_and_one_that_is_not_sent_leaves_the_outcome_open() {
    let stage = stage(vec![Say::Raw(500, Vec::new())]);
    let (vipps, account) = (vipps(), stage.account());
    let (agreement, order) = (agreement(), charge_order());
    let charge = || vipps.charge(&account, operation(), &agreement, &order);
    assert!(charge().await.unwrap_err().may_have_happened());
    assert_eq!(stage.asked().len(), 2, "it was repeated");
    wait(&charge().await.unwrap_err());
    assert_eq!(stage.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_accounts_do_not_share_a_limit() {
    let stage = stage(vec![say(200, "epayment-captured")]);
    let mut other = stage.settings();
    other["merchant_serial_number"] = "654321".into();
    let (vipps, one, other) = (vipps(), stage.account(), account(&other));
    while vipps
        .capture(&one, operation(), &payment(), nok(100), nok(0))
        .await
        .is_ok()
    {}
    vipps
        .capture(&other, operation(), &payment(), nok(100), nok(0))
        .await
        .unwrap();
}
