//! Promises for the days when the network breaks: never a wrong certainty, and money moves once.

use super::agreements::{charge, permitted};
use super::{Call, Suite, TOTAL, attempt_on, must, must_be_open, nok};
use crate::{Attempt, FailureKind, ProviderError};

pub(super) async fn without_a_connection_nothing_happened(suite: &Suite<'_>) {
    let account = suite.world.unreachable_account();
    let order = suite.world.order(suite.purchase());
    let attempt = Attempt {
        provider_ref: Some(suite.world.unknown_ref()),
        ..attempt_on(&order)
    };
    let operation = suite.world.operation();
    let (one, vat) = (nok(100), nok(0));
    let provider = suite.provider;
    unreachable(
        provider.initiate(&account, operation, &order).await,
        "a create",
    );
    unreachable(provider.inquire(&account, &attempt).await, "an inquiry");
    unreachable(
        provider.close(&account, operation, &attempt).await,
        "a close",
    );
    let capture = provider.capture(&account, operation, &attempt, one, vat);
    unreachable(capture.await, "a capture");
    unreachable(
        provider.cancel(&account, operation, &attempt).await,
        "a release",
    );
    let refund = provider.refund(&account, operation, &attempt, one, vat);
    unreachable(refund.await, "a refund");
}

pub(super) async fn a_lost_answer_to_a_create_may_have_happened(suite: &Suite<'_>) {
    let order = suite.world.order(suite.purchase());
    let account = suite.world.account();
    suite.world.lose_next_answer().await;
    let lost = suite
        .provider
        .initiate(&account, suite.world.operation(), &order)
        .await;
    let repeats = suite.provider.capabilities().create_is_idempotent;
    must_be_open_or_repeated(lost, repeats, "a create without an answer");
    if !repeats {
        let creates = suite.world.count(order.reference, Call::Initiate).await;
        assert_eq!(creates, 1, "a create that cannot be repeated is sent once");
    }
}

pub(super) async fn a_lost_answer_to_a_capture_moves_money_once(suite: &Suite<'_>) {
    let attempt = suite.approved(suite.purchase()).await;
    let operation = suite.world.operation();
    suite.world.lose_next_answer().await;
    let lost = suite.capture(operation, &attempt, 10_000).await;
    must_be_open(lost, "a capture without an answer");
    suite
        .expect_amounts(&attempt, [TOTAL, 10_000, 0, 0], "after the lost answer")
        .await;
    let again = suite.capture(operation, &attempt, 10_000).await;
    must(again, "the same capture once more");
    suite
        .expect_amounts(&attempt, [TOTAL, 10_000, 0, 0], "after the repetition")
        .await;
}

pub(super) async fn a_lost_answer_to_a_release_releases_once(suite: &Suite<'_>) {
    let attempt = suite.approved(suite.purchase()).await;
    let operation = suite.world.operation();
    suite.world.lose_next_answer().await;
    must_be_open(
        suite.cancel(operation, &attempt).await,
        "a release without an answer",
    );
    must(
        suite.cancel(operation, &attempt).await,
        "the same release once more",
    );
    suite
        .expect_amounts(&attempt, [TOTAL, 0, TOTAL, 0], "after the repetition")
        .await;
}

pub(super) async fn a_lost_answer_to_a_refund_moves_money_once(suite: &Suite<'_>) {
    let attempt = suite.captured().await;
    let operation = suite.world.operation();
    suite.world.lose_next_answer().await;
    let lost = suite.refund(operation, &attempt, 4_900).await;
    must_be_open(lost, "a refund without an answer");
    must(
        suite.refund(operation, &attempt, 4_900).await,
        "the same refund once more",
    );
    suite
        .expect_amounts(&attempt, [TOTAL, TOTAL, 0, 4_900], "after the repetition")
        .await;
}

pub(super) async fn a_lost_answer_to_a_charge_may_have_happened(suite: &Suite<'_>) {
    let (_, agreement) = permitted(suite).await;
    let order = suite.world.charge_order(nok(9_900), nok(0));
    suite.world.lose_next_answer().await;
    let lost = charge(suite, &agreement, &order).await;
    let repeats = suite.provider.capabilities().charges.idempotent;
    must_be_open_or_repeated(lost, repeats, "a charge without an answer");
    if !repeats {
        let charges = suite.world.count(order.reference, Call::Charge).await;
        assert_eq!(charges, 1, "the adapter does not repeat a charge by itself");
    }
}

/// With a key of the provider's an adapter may ask again by itself, and then it knows.
fn must_be_open_or_repeated<T: std::fmt::Debug>(
    result: Result<T, ProviderError>,
    repeats: bool,
    what: &str,
) {
    if !(repeats && result.is_ok()) {
        must_be_open(result, what);
    }
}

fn unreachable<T: std::fmt::Debug>(result: Result<T, ProviderError>, what: &str) {
    match result {
        Err(ProviderError::DidNotHappen(failure)) if failure.kind == FailureKind::Unreachable => {}
        other => panic!("{what} without a connection did not happen, and it was {other:?}"),
    }
}
