//! The search for a draft whose answer was lost.

use std::time::Duration;

use mcpay_port::{Attempt, FailureKind, PaymentRef, Provider};
use serde_json::json;
use uuid::{NoContext, Timestamp, Uuid};

use crate::stage::words::*;
use crate::stage::*;

const AGREEMENTS: &str = "/recurring/v3/agreements";

/// A draft of so many seconds ago, whose answer was lost.
fn lost_draft(seconds: u64) -> Attempt {
    let at = Timestamp::now(NoContext).to_unix().0 - seconds;
    let at = Timestamp::from_unix(NoContext, at, 0);
    Attempt {
        reference: PaymentRef(Uuid::new_v7(at)),
        provider_ref: None,
        ..first_payment()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_whose_answer_was_lost_is_found_by_our_reference_among_the_latest_agreements() {
    let other = |id: &str| {
        let mut agreement = fixture("agreement-active");
        agreement["id"] = json!(id);
        agreement["externalId"] = json!("somebody-elses");
        agreement
    };
    let token = "5f1ab2c3-0000-4000-8000-000000000001";
    let attempt = lost_draft(30);
    let ours = || {
        let mut agreement = fixture("agreement-active");
        agreement["externalId"] = json!(attempt.reference);
        agreement
    };
    let mut initial = fixture("initial-reserved");
    initial["id"] = json!(attempt.reference);
    initial["externalId"] = json!(attempt.reference);
    let first = json!([other("agr_1")]);
    let stage = stage(vec![
        Say::Json(200, json!([])),
        Say::With(200, "continuation-token", token.to_owned(), first),
        Say::Json(200, json!([])),
        Say::Json(200, json!([])),
        Say::Json(200, json!([other("agr_2"), ours()])),
        Say::Json(200, ours()),
        Say::Json(200, initial),
    ]);
    let seen = vipps().inquire(&stage.account(), &attempt).await.unwrap();
    assert_eq!(Some(seen.provider_ref), first_payment().provider_ref);
    let asked = stage.asked();
    // Our reference holds the time of the draft; five minutes are allowed for the clocks.
    let drafted_at = attempt.reference.0.get_timestamp().unwrap().to_unix().0;
    let after = (drafted_at - 300) * 1_000;
    let listed = |status| format!("GET {AGREEMENTS}?status={status}&createdAfter={after}");
    let statuses = ["PENDING", "ACTIVE", "STOPPED", "EXPIRED", "ACTIVE"];
    assert_eq!(stage.lines()[..5], statuses.map(listed));
    let tokens = [0, 1, 4].map(|call: usize| asked[call].header("continuation-token"));
    assert_eq!(tokens, [None, None, Some(token)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_was_not_found_before_the_search_ended_may_still_be_there() {
    let token = "5f1ab2c3-0000-4000-8000-000000000001";
    let stage = stage(vec![Say::With(
        200,
        "continuation-token",
        token.to_owned(),
        json!([]),
    )]);
    let attempt = lost_draft(30);
    let seen = vipps().inquire(&stage.account(), &attempt).await;
    let error = seen.unwrap_err();
    let FailureKind::RateLimited { retry_after } = error.failure().kind else {
        panic!("{error}")
    };
    assert!(retry_after.is_some_and(|wait| wait <= Duration::from_secs(60)));
    assert_eq!(stage.asked().len(), 5, "no more may be listed in a minute");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_nobody_can_approve_any_more_is_not_looked_for() {
    let stage = stage(vec![Say::Json(200, json!([]))]);
    let seen = vipps()
        .inquire(&stage.account(), &lost_draft(15 * 60 + 10))
        .await;
    assert_eq!(kind_of(seen), (false, FailureKind::NotFound));
    assert!(stage.asked().is_empty());
}
