//! Promises about captures, releases and refunds: exact amounts, and never more than there is.

use super::{Suite, TOTAL, must, must_be_refused};

pub(super) async fn captures_add_up_and_never_pass_the_authorisation(suite: &Suite<'_>) {
    let attempt = suite.approved(suite.purchase()).await;
    let capture = |minor| suite.capture(suite.world.operation(), &attempt, minor);
    must_be_refused(
        capture(TOTAL + 1).await,
        "capturing more than was authorised",
    );
    if !suite.provider.capabilities().partial_capture {
        must(capture(TOTAL).await, "a capture of everything");
        return;
    }
    must(capture(10_000).await, "a first partial capture");
    suite
        .expect_amounts(&attempt, [TOTAL, 10_000, 0, 0], "after one capture")
        .await;
    must_be_refused(capture(TOTAL - 9_999).await, "capturing more than the rest");
    must(capture(TOTAL - 10_000).await, "a capture of the rest");
    suite
        .expect_amounts(&attempt, [TOTAL, TOTAL, 0, 0], "after both captures")
        .await;
    must_be_refused(capture(1).await, "capturing when nothing is left");
}

pub(super) async fn a_release_gives_back_everything(suite: &Suite<'_>) {
    let attempt = suite.approved(suite.purchase()).await;
    let released = suite.cancel(suite.world.operation(), &attempt).await;
    must(released, "a release");
    suite
        .expect_amounts(&attempt, [TOTAL, 0, TOTAL, 0], "after a release")
        .await;
    let late = suite.capture(suite.world.operation(), &attempt, 100).await;
    must_be_refused(late, "capturing what was released");
}

pub(super) async fn a_release_gives_back_what_was_not_captured(suite: &Suite<'_>) {
    if !suite.provider.capabilities().partial_capture {
        return;
    }
    let attempt = suite.approved(suite.purchase()).await;
    let done = suite
        .capture(suite.world.operation(), &attempt, 10_000)
        .await;
    must(done, "a partial capture");
    let released = suite.cancel(suite.world.operation(), &attempt).await;
    must(released, "a release of the rest");
    let amounts = [TOTAL, 10_000, TOTAL - 10_000, 0];
    suite
        .expect_amounts(&attempt, amounts, "after a release of the rest")
        .await;
    let refunded = suite
        .refund(suite.world.operation(), &attempt, 10_000)
        .await;
    must(refunded, "a refund of what was captured");
    let amounts = [TOTAL, 10_000, TOTAL - 10_000, 10_000];
    suite
        .expect_amounts(&attempt, amounts, "after everything is given back")
        .await;
}

pub(super) async fn refunds_add_up_and_never_pass_the_captures(suite: &Suite<'_>) {
    let authorised = suite.approved(suite.purchase()).await;
    let early = suite
        .refund(suite.world.operation(), &authorised, 100)
        .await;
    must_be_refused(early, "refunding what was never captured");

    let attempt = suite.captured().await;
    let refund = |minor| suite.refund(suite.world.operation(), &attempt, minor);
    must_be_refused(refund(TOTAL + 1).await, "refunding more than was captured");
    if !suite.provider.capabilities().partial_refund {
        must(refund(TOTAL).await, "a refund of everything");
        return;
    }
    must(refund(4_900).await, "a first partial refund");
    suite
        .expect_amounts(&attempt, [TOTAL, TOTAL, 0, 4_900], "after one refund")
        .await;
    for listed in suite.inquire(&attempt).await.refunds {
        let parts = [listed.completed, listed.pending, listed.failed];
        let sum: i64 = parts.iter().map(|part| part.minor()).sum();
        assert_eq!(sum, 4_900, "a listed refund tells what became of all of it");
    }
    must_be_refused(refund(TOTAL - 4_899).await, "refunding more than the rest");
    must(refund(TOTAL - 4_900).await, "a refund of the rest");
    suite
        .expect_amounts(&attempt, [TOTAL, TOTAL, 0, TOTAL], "after both refunds")
        .await;
    must_be_refused(refund(1).await, "refunding when nothing is left");
}
