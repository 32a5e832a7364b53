//! Captures, releases and refunds: what is sent, what is sent again, and what is left open.

use mcpay_port::{FailureKind, Progress};
use serde_json::json;

use crate::stage::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_captured_without_a_line_and_a_part_with_one() {
    let stage = stage(vec![Say::Json(201, json!({ "chargeId": CHARGE }))]);
    assert_eq!(stage.capture(34_900).await, Ok(Progress::Done));
    assert_eq!(stage.capture(10_000).await, Ok(Progress::Done));
    let line = format!("POST /v1/payments/{ID}/charges");
    assert_eq!(stage.lines(), [line.clone(), line], "and nothing is asked");
    let asked = stage.asked();
    assert_eq!(asked[0].body, Some(json!({ "amount": 34_900 })));
    let part = asked[1].body.clone().unwrap();
    assert_eq!(part["amount"], 10_000);
    assert_eq!(part["orderItems"][0]["grossTotalAmount"], 10_000);
    assert_eq!(part["orderItems"][0]["taxRate"], 2_500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_whose_answer_was_lost_is_repeated_with_its_key_and_nothing_else() {
    let stage = stage(vec![
        Say::Nothing,
        Say::Json(201, json!({ "chargeId": CHARGE })),
    ]);
    let lost = stage.capture(10_000).await;
    assert_eq!(kind_of(lost), (true, FailureKind::Timeout));
    assert_eq!(stage.capture(10_000).await, Ok(Progress::Done));
    let asked = stage.asked();
    assert_eq!(asked.len(), 2, "the adapter repeats nothing by itself");
    for call in &asked {
        assert_eq!(call.key.as_deref(), Some(KEY));
        assert_eq!(call.body, asked[0].body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_no_charge_leaves_a_capture_open() {
    let huge = vec![b' '; 600 * 1024];
    for body in [b"<html>".to_vec(), b"{}".to_vec(), Vec::new(), huge] {
        let stage = stage(vec![Say::Raw(201, body)]);
        let captured = stage.capture(10_000).await;
        assert_eq!(kind_of(captured), (true, FailureKind::BadAnswer));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_is_refused_with_nexis_number_and_open_while_its_key_is_worked_on() {
    let over = stage(vec![say(402, "problem-over-charge")]);
    let error = over.capture(34_901).await.unwrap_err();
    assert!(!error.may_have_happened());
    assert_eq!(error.failure().code.as_deref(), Some("1001"));
    assert_eq!(error.failure().title.as_deref(), Some("OverCharge"));
    let busy = stage(vec![bare(409)]);
    assert_eq!(
        kind_of(busy.capture(10_000).await),
        (true, FailureKind::Refused)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_asks_once_and_takes_what_is_left() {
    for (name, amount) in [
        ("payment-reserved", 34_900),
        ("payment-partly-charged", 24_900),
    ] {
        let stage = stage(vec![say(200, name), bare(204)]);
        assert_eq!(stage.cancel().await, Ok(Progress::Done));
        assert_eq!(
            stage.lines(),
            [
                format!("GET /v1/payments/{ID}"),
                format!("POST /v1/payments/{ID}/cancels")
            ]
        );
        assert_eq!(stage.asked()[1].body.clone().unwrap()["amount"], amount);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_released_is_not_released_again() {
    for name in ["payment-cancelled", "payment-charged-rest-cancelled"] {
        let stage = stage(vec![say(200, name)]);
        assert_eq!(stage.cancel().await, Ok(Progress::Done));
        assert_eq!(stage.asked().len(), 1);
    }
    let charged = stage(vec![say(200, "payment-charged-at-once")]);
    let refused = charged.cancel().await;
    assert_eq!(kind_of(refused), (false, FailureKind::Refused));
    assert_eq!(charged.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_is_open_only_once_it_was_sent() {
    let early = stage(vec![Say::Nothing]);
    assert_eq!(kind_of(early.cancel().await), (false, FailureKind::Timeout));
    let late = stage(vec![say(200, "payment-reserved"), Say::Nothing]);
    assert_eq!(kind_of(late.cancel().await), (true, FailureKind::Timeout));
    let page = Say::Raw(200, b"<html>".to_vec());
    let page = stage(vec![say(200, "payment-reserved"), page]);
    assert_eq!(kind_of(page.cancel().await), (true, FailureKind::BadAnswer));
    let refused = stage(vec![say(200, "payment-reserved"), bare(405)]);
    assert_eq!(
        kind_of(refused.cancel().await),
        (false, FailureKind::Refused)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_asks_once_for_its_charge_and_is_accepted_not_done() {
    let refunded = Say::Json(201, json!({ "refundId": "r" }));
    let stage = stage(vec![say(200, "payment-charged"), refunded]);
    assert_eq!(stage.refund(4_900).await, Ok(Progress::Accepted));
    assert_eq!(
        stage.lines(),
        [
            format!("GET /v1/payments/{ID}"),
            format!("POST /v1/charges/{CHARGE}/refunds")
        ]
    );
    let sent = &stage.asked()[1];
    let line = sent.body.clone().unwrap()["orderItems"][0].clone();
    assert_eq!(line["reference"], format!("{KEY}-{CHARGE}"));
    assert_eq!(line["grossTotalAmount"], 4_900);
    assert!(sent.key.as_ref().unwrap().len() <= 63);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_nexi_lists_is_not_sent_again() {
    for (name, progress) in [
        ("payment-refund-pending", Progress::Accepted),
        ("payment-partly-refunded", Progress::Done),
    ] {
        let stage = stage(vec![say(200, name)]);
        assert_eq!(stage.refund(4_900).await, Ok(progress));
        assert_eq!(stage.asked().len(), 1);
    }
    let failed = stage(vec![say(200, "payment-refund-failed")]);
    let error = failed.refund(4_900).await.unwrap_err();
    assert!(!error.may_have_happened());
    assert_eq!(error.failure().code.as_deref(), Some("refund_failed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_over_two_charges_has_a_key_for_each_and_is_open_when_cut_off() {
    let refunded = || Say::Json(201, json!({ "refundId": "r" }));
    let twice = || say(200, "payment-charged-twice");
    let both = stage(vec![twice(), refunded(), refunded()]);
    assert_eq!(both.refund(30_000).await, Ok(Progress::Accepted));
    let sent = both.asked();
    assert_ne!(sent[1].key, sent[2].key);
    let amounts = [&sent[1], &sent[2]].map(|call| call.body.clone().unwrap()["amount"].clone());
    assert_eq!(amounts, [json!(10_000), json!(20_000)]);

    let half = stage(vec![twice(), refunded(), bare(400)]);
    let cut_off = half.refund(30_000).await;
    assert_eq!(kind_of(cut_off), (true, FailureKind::Refused));
    let none = stage(vec![twice(), bare(400)]);
    let refused = none.refund(30_000).await;
    assert_eq!(kind_of(refused), (false, FailureKind::Refused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_is_open_only_once_it_was_sent() {
    let early = stage(vec![bare(500)]);
    let refunded = early.refund(100).await;
    assert_eq!(kind_of(refunded), (false, FailureKind::ProviderBroken));
    let late = stage(vec![say(200, "payment-charged"), Say::Nothing]);
    assert_eq!(
        kind_of(late.refund(100).await),
        (true, FailureKind::Timeout)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_charged_or_is_too_much_is_refused_before_a_refund_is_sent() {
    for (name, minor) in [("payment-reserved", 100), ("payment-charged", 34_901)] {
        let stage = stage(vec![say(200, name)]);
        let refused = stage.refund(minor).await;
        assert_eq!(kind_of(refused), (false, FailureKind::Refused));
        assert_eq!(stage.asked().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_and_too_much_for_nexi_are_never_sent() {
    let stage = stage(vec![bare(500)]);
    for minor in [0, -1, i64::from(i32::MAX) + 1] {
        assert!(!stage.capture(minor).await.unwrap_err().may_have_happened());
        assert!(!stage.refund(minor).await.unwrap_err().may_have_happened());
    }
    assert!(stage.asked().is_empty());
}
