//! What the provider's own record decides: an answer that proves nothing, and a payment that does not
//! say how much was taken.

use mcpay_port::{
    Attempt, Charged, FailureKind, Operation, OperationId, Progress, Provider, Standing,
};
use serde_json::json;
use uuid::{NoContext, Timestamp, Uuid};

use crate::stage::words::*;
use crate::stage::*;

const HOUR: u64 = 3_600;

fn refused() -> Say {
    Say::Json(
        400,
        json!({ "extraDetails": [{ "name": "ErrorCode", "reason": "6170" }] }),
    )
}

/// An operation of the service that is `seconds` old.
fn aged(seconds: u64) -> Operation {
    let now = Timestamp::now(NoContext).to_unix().0;
    let at = Timestamp::from_unix(NoContext, now - seconds, 0);
    Operation {
        id: OperationId(Uuid::new_v7(at)),
        number: 100_000_000_001,
    }
}

/// The log of a payment of which one operation has captured 5 kroner.
fn log_with(operation: Operation) -> Say {
    let mut log = fixture("log-captured");
    log[2]["idempotencyKey"] = json!(operation.id.to_string());
    Say::Json(200, log)
}

/// A charge of which one operation has given 5 kroner back.
fn charge_with(operation: Operation) -> Say {
    let mut charge = fixture("charge-partially-refunded");
    let refund = &mut charge["history"][2];
    refund["amount"] = json!(500);
    refund["idempotencyKey"] = json!(operation.id.to_string());
    Say::Json(200, charge)
}

async fn captures(stage: &Stage, operation: Operation) -> (Vec<String>, Captured) {
    let told = vipps()
        .capture(&stage.account(), operation, &payment(), nok(500), nok(0))
        .await;
    (ends(stage), told)
}

async fn refunds(stage: &Stage, operation: Operation) -> (Vec<String>, Captured) {
    let told = vipps()
        .refund(
            &stage.account(),
            operation,
            &begun_charge(),
            nok(500),
            nok(0),
        )
        .await;
    (ends(stage), told)
}

type Captured = Result<Progress, mcpay_port::ProviderError>;

/// The method and the last part of each path.
fn ends(stage: &Stage) -> Vec<String> {
    let asked = stage.asked();
    let end = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    asked
        .iter()
        .map(|call| format!("{} {}", call.method, end(&call.path)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_capture_that_the_log_has_was_done() {
    for answer in [refused(), say(409, "problem-idempotency-conflict")] {
        let operation = aged(1);
        let stage = stage(vec![answer, log_with(operation)]);
        let (asked, told) = captures(&stage, operation).await;
        assert_eq!(told, Ok(Progress::Done));
        assert_eq!(asked, ["POST capture", "GET events"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_refund_that_the_history_of_its_charge_has_was_done() {
    let operation = aged(1);
    let stage = stage(vec![refused(), charge_with(operation)]);
    let (asked, told) = refunds(&stage, operation).await;
    assert_eq!(told, Ok(Progress::Done));
    assert_eq!(asked, ["POST refund", &format!("GET {OPERATION}")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_stands_when_the_record_has_another_operation_or_is_refused_too() {
    for record in [
        log_with(aged(1)),
        Say::Raw(403, Vec::new()),
        Say::Raw(404, Vec::new()),
    ] {
        let stage = stage(vec![refused(), record]);
        let (_, told) = captures(&stage, aged(1)).await;
        assert_eq!(kind_of(told), (false, FailureKind::Refused));
    }
    let stage = stage(vec![
        say(409, "problem-idempotency-conflict"),
        log_with(aged(1)),
    ]);
    let (_, told) = captures(&stage, aged(1)).await;
    assert_eq!(
        kind_of(told),
        (true, FailureKind::Refused),
        "something has this key"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_proves_nothing_while_the_record_cannot_be_read() {
    for silent in [
        Say::Nothing,
        Say::Raw(500, Vec::new()),
        Say::Raw(429, Vec::new()),
    ] {
        let stage = stage(vec![refused(), silent]);
        let (_, told) = captures(&stage, aged(1)).await;
        assert_eq!(kind_of(told), (true, FailureKind::Refused));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_old_is_looked_for_before_it_is_sent_again() {
    let operation = aged(HOUR + 60);
    let stage_of_payment = stage(vec![log_with(operation)]);
    let (asked, told) = captures(&stage_of_payment, operation).await;
    assert_eq!(told, Ok(Progress::Done));
    assert_eq!(asked, ["GET events"], "no money moves twice");
    let stage_of_charge = stage(vec![charge_with(operation)]);
    let (asked, told) = refunds(&stage_of_charge, operation).await;
    assert_eq!(told, Ok(Progress::Done));
    assert_eq!(asked, [format!("GET {OPERATION}")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_old_and_was_never_done_is_sent_and_so_is_what_has_no_record() {
    for record in [log_with(aged(1)), Say::Raw(403, Vec::new())] {
        let stage = stage(vec![record, say(200, "epayment-captured")]);
        let (asked, told) = captures(&stage, aged(HOUR + 60)).await;
        assert_eq!(told, Ok(Progress::Done));
        assert_eq!(asked, ["GET events", "POST capture"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_old_and_cannot_be_looked_for_is_not_sent_and_may_have_happened() {
    for silent in [Say::Nothing, Say::Raw(503, Vec::new())] {
        let stage = stage(vec![silent]);
        let (asked, told) = captures(&stage, aged(HOUR + 60)).await;
        assert!(told.unwrap_err().may_have_happened());
        assert_eq!(asked, ["GET events"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_fresh_is_sent_without_a_look() {
    let stage = stage(vec![say(200, "epayment-captured")]);
    let (asked, told) = captures(&stage, aged(HOUR - 60)).await;
    assert_eq!(told, Ok(Progress::Done));
    assert_eq!(asked, ["POST capture"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_tells_the_amounts_that_the_payment_does_not() {
    let operation = aged(1);
    let stage = stage(vec![
        say(200, "epayment-without-aggregate"),
        log_with(operation),
    ]);
    let seen = vipps().inquire(&stage.account(), &payment()).await.unwrap();
    assert_eq!(seen.standing, Standing::Approved);
    let amounts = [
        seen.authorized,
        seen.captured,
        seen.cancelled,
        seen.refunded,
    ];
    assert_eq!(amounts, [34_900, 500, 0, 0].map(nok));
    assert_eq!(ends(&stage), [&format!("GET {REFERENCE}"), "GET events"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_does_not_add_up_is_not_believed_either() {
    let stage = stage(vec![
        say(200, "epayment-without-aggregate"),
        Say::Json(200, json!([])),
    ]);
    let attempt: Attempt = payment();
    let seen = vipps().inquire(&stage.account(), &attempt).await.unwrap();
    assert!(
        matches!(seen.standing, Standing::Unknown(_)),
        "{:?}: approved, and nothing was authorised",
        seen.standing
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_release_is_done_when_nothing_is_left_to_release() {
    for (how_it_stands, open) in [
        (say(200, "epayment-released"), None),
        (say(200, "epayment-captured-then-released"), None),
        (say(200, "epayment-captured"), Some(false)),
        (say(200, "epayment-authorized"), Some(false)),
        (say(200, "epayment-terminated"), Some(false)),
        (Say::Raw(403, Vec::new()), Some(false)),
        (Say::Raw(500, Vec::new()), Some(true)),
    ] {
        let stage = stage(vec![refused(), how_it_stands]);
        let told = vipps().cancel(&stage.account(), aged(1), &payment()).await;
        assert_eq!(ends(&stage), ["POST cancel", &format!("GET {REFERENCE}")]);
        match open {
            None => assert_eq!(told, Ok(Progress::Done)),
            Some(open) => assert_eq!(kind_of(told), (open, FailureKind::Refused)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_charge_that_is_there_under_the_operations_id_was_made() {
    let due_too_soon = || say(400, "problem-due-too-soon");
    for (record, expected) in [
        (say(200, "charge-due"), None),
        (Say::Raw(404, Vec::new()), Some(false)),
        (Say::Raw(503, Vec::new()), Some(true)),
    ] {
        let script = vec![due_too_soon(), record, say(200, "agreement-active")];
        let stage = stage(script);
        let told = vipps()
            .charge(&stage.account(), operation(), &agreement(), &charge_order())
            .await;
        assert_eq!(
            ends(&stage)[..2],
            ["POST charges", &format!("GET {OPERATION}")]
        );
        match expected {
            None => assert!(matches!(told, Ok(Charged::Started(_))), "{told:?}"),
            Some(open) => assert_eq!(kind_of(told), (open, FailureKind::Refused)),
        }
    }
}
