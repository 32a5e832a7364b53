//! Promises about payments that end without money.

use super::{PayerAction, Suite, TOTAL, attempt_on, must, must_be_refused};
use crate::{Attempt, EndReason, FailureKind, Progress, ProviderError, Standing};

pub(super) async fn a_payer_who_cancels_ends_the_payment(suite: &Suite<'_>) {
    let (order, attempt, _) = suite.start(suite.purchase()).await;
    suite.world.act(order.reference, PayerAction::Cancel).await;
    let seen = suite.inquire(&attempt).await;
    assert_eq!(seen.standing, Standing::Ended(EndReason::Cancelled));
    assert!(seen.authorized.is_zero(), "nothing was authorised");
}

pub(super) async fn a_decline_ends_nothing_while_the_payer_may_try_again(suite: &Suite<'_>) {
    let (order, attempt, _) = suite.start(suite.purchase()).await;
    suite.world.act(order.reference, PayerAction::Decline).await;
    let seen = suite.inquire(&attempt).await;
    assert!(seen.authorized.is_zero(), "nothing was authorised");
    if suite.world.decline_is_final() {
        assert_eq!(seen.standing, Standing::Ended(EndReason::Declined));
        return;
    }
    assert_eq!(seen.standing, Standing::Pending, "the payer may try again");
    suite.world.act(order.reference, PayerAction::Approve).await;
    suite
        .expect_amounts(&attempt, [TOTAL, 0, 0, 0], "at the second try")
        .await;
}

pub(super) async fn an_open_payment_can_be_closed(suite: &Suite<'_>) {
    let (_, attempt, _) = suite.start(suite.purchase()).await;
    assert_eq!(
        must(close(suite, &attempt).await, "a close"),
        Progress::Done
    );
    let seen = suite.inquire(&attempt).await;
    assert!(
        matches!(seen.standing, Standing::Ended(_)),
        "a closed payment stands as {:?}",
        seen.standing
    );
}

pub(super) async fn an_approved_payment_cannot_be_closed(suite: &Suite<'_>) {
    let attempt = suite.approved(suite.purchase()).await;
    must_be_refused(close(suite, &attempt).await, "closing an approved payment");
    suite
        .expect_amounts(&attempt, [TOTAL, 0, 0, 0], "after a close that was refused")
        .await;
}

pub(super) async fn what_the_provider_does_not_know_is_not_found(suite: &Suite<'_>) {
    let order = suite.world.order(suite.purchase());
    for provider_ref in [None, Some(suite.world.unknown_ref())] {
        let attempt = Attempt {
            provider_ref,
            ..attempt_on(&order)
        };
        // Each is an operation of its own: a provider may remember one by its key.
        let operation = || suite.world.operation();
        not_found(
            suite
                .provider
                .inquire(&suite.world.account(), &attempt)
                .await,
            "inquiring",
        );
        not_found(close(suite, &attempt).await, "closing");
        not_found(suite.capture(operation(), &attempt, 100).await, "capturing");
        not_found(suite.cancel(operation(), &attempt).await, "releasing");
        not_found(suite.refund(operation(), &attempt, 100).await, "refunding");
    }
}

async fn close(suite: &Suite<'_>, attempt: &Attempt) -> Result<Progress, ProviderError> {
    let operation = suite.world.operation();
    suite
        .provider
        .close(&suite.world.account(), operation, attempt)
        .await
}

fn not_found<T: std::fmt::Debug>(result: Result<T, ProviderError>, what: &str) {
    match result {
        Err(ProviderError::DidNotHappen(failure)) if failure.kind == FailureKind::NotFound => {}
        other => panic!("{what} an unknown payment must be NotFound, and it was {other:?}"),
    }
}
