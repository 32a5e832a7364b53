//! Agreements and charges: what is asked, in which order, and what is concluded from it.

use mcpay_port::{Charged, EndReason, FailureKind, Progress, Provider, ProviderRef, Standing};
use serde_json::{Value, json};

use crate::stage::words::*;
use crate::stage::*;

const AGREEMENTS: &str = "/recurring/v3/agreements";

fn charge_path(charge: &str) -> String {
    format!("{AGREEMENTS}/{AGREEMENT}/charges/{charge}")
}

fn no_content(status: u16) -> Say {
    Say::Raw(status, Vec::new())
}

/// The account may charge without a due date.
fn unscheduled(stage: &Stage) -> mcpay_port::Account {
    let mut settings = stage.settings();
    settings["unscheduled"] = json!(true);
    account(&settings)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_payer_acts_only_the_agreement_is_read() {
    let stage = stage(vec![say(200, "agreement-pending")]);
    let seen = vipps()
        .inquire(&stage.account(), &first_payment())
        .await
        .unwrap();
    assert_eq!(
        (seen.standing, seen.order_amount),
        (Standing::Pending, nok(100))
    );
    assert_eq!(stage.lines(), [format!("GET {AGREEMENTS}/{AGREEMENT}")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn afterwards_the_initial_charge_tells_the_amounts() {
    let stage = stage(vec![
        say(200, "agreement-active"),
        say(200, "initial-reserved"),
    ]);
    let seen = vipps()
        .inquire(&stage.account(), &first_payment())
        .await
        .unwrap();
    assert_eq!(
        (seen.standing, seen.authorized),
        (Standing::Approved, nok(100))
    );
    assert!(seen.agreement.token().is_some());
    let expected = [
        format!("GET {AGREEMENTS}/{AGREEMENT}"),
        format!("GET {}", charge_path(REFERENCE)),
    ];
    assert_eq!(stage.lines(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payer_who_stops_while_the_first_payment_is_processed_may_still_have_paid() {
    for over in ["agreement-stopped-later", "agreement-expired"] {
        let stage = stage(vec![
            say(200, over),
            say(200, "initial-processing"),
            say(200, over),
            say(200, "initial-charged"),
        ]);
        let inquire = async || {
            let seen = vipps().inquire(&stage.account(), &first_payment()).await;
            seen.unwrap()
        };
        let during = inquire().await;
        assert_eq!(during.standing, Standing::Pending, "{over}");
        let after = inquire().await;
        let amounts = (after.authorized, after.captured);
        assert_eq!(
            (after.standing, amounts),
            (Standing::Approved, (nok(100), nok(100))),
            "{over}"
        );
        assert!(
            during.agreement.is_over() && after.agreement.is_over(),
            "{over}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agreement_that_expired_without_a_charge_is_expired() {
    let stage = stage(vec![
        say(200, "agreement-expired"),
        say(404, "problem-agreement-unknown"),
    ]);
    let seen = vipps()
        .inquire(&stage.account(), &first_payment())
        .await
        .unwrap();
    assert_eq!(seen.standing, Standing::Ended(EndReason::Expired));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_stopped_only_while_it_is_pending() {
    let pending = stage(vec![say(200, "agreement-pending"), no_content(204)]);
    let closed = vipps()
        .close(&pending.account(), operation(), &first_payment())
        .await;
    assert_eq!(closed, Ok(Progress::Done));
    let asked = pending.asked();
    assert_eq!(asked[1].line(), format!("PATCH {AGREEMENTS}/{AGREEMENT}"));
    assert_eq!(asked[1].body, Some(json!({ "status": "STOPPED" })));
    assert_eq!(asked[1].header("idempotency-key"), Some(OPERATION));

    let active = stage(vec![say(200, "agreement-active")]);
    let closed = vipps()
        .close(&active.account(), operation(), &first_payment())
        .await;
    assert_eq!(kind_of(closed), (false, FailureKind::Refused));
    assert_eq!(active.asked().len(), 1);

    let over = stage(vec![say(200, "agreement-rejected")]);
    let closed = vipps()
        .close(&over.account(), operation(), &first_payment())
        .await;
    assert_eq!(closed, Ok(Progress::Done));
    assert_eq!(over.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_is_made_under_the_operations_id() {
    let created = || Say::Json(201, json!({ "chargeId": OPERATION }));
    let stage = stage(vec![created()]);
    let mut undated = charge_order();
    undated.due = None;
    for (account, order) in [
        (stage.account(), charge_order()),
        (unscheduled(&stage), undated),
    ] {
        let charged = vipps()
            .charge(&account, operation(), &agreement(), &order)
            .await;
        let provider_ref = ProviderRef(format!("charge/{AGREEMENT}/{OPERATION}"));
        assert_eq!(charged, Ok(Charged::Started(provider_ref)));
    }
    let asked = stage.asked();
    assert_eq!(
        asked[0].line(),
        format!("POST {AGREEMENTS}/{AGREEMENT}/charges")
    );
    assert_eq!(asked[0].header("idempotency-key"), Some(OPERATION));
    let kinds = [0, 1].map(|call: usize| asked[call].body.as_ref().unwrap()["type"].clone());
    assert_eq!(kinds, [json!("RECURRING"), json!("UNSCHEDULED")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_that_was_lost_is_asked_for_again_and_found_by_its_operation() {
    let created = Say::Json(201, json!({ "chargeId": OPERATION }));
    let lost = stage(vec![Say::Raw(502, Vec::new()), created]);
    let charged = vipps()
        .charge(&lost.account(), operation(), &agreement(), &charge_order())
        .await;
    assert!(matches!(charged, Ok(Charged::Started(_))));
    assert_eq!(lost.asked().len(), 2);

    let stage = stage(vec![say(200, "charge-charged")]);
    let seen = vipps()
        .inquire(&stage.account(), &begun_charge())
        .await
        .unwrap();
    assert_eq!(
        (seen.standing, seen.captured),
        (Standing::Approved, nok(9_900))
    );
    assert_eq!(stage.lines(), [format!("GET {}", charge_path(OPERATION))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_under_another_id_than_ours_may_have_happened() {
    let stage = stage(vec![Say::Json(201, json!({ "chargeId": "chr-1234567" }))]);
    let account = stage.account();
    let charged = vipps()
        .charge(&account, operation(), &agreement(), &charge_order())
        .await;
    assert_eq!(kind_of(charged), (true, FailureKind::BadAnswer));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_charge_is_declined_only_when_nothing_could_make_it_better() {
    // The second call looks for the charge, which is not there.
    let charge = async |mut script: Vec<Say>| {
        script.insert(1, Say::Raw(404, Vec::new()));
        let stage = stage(script);
        vipps()
            .charge(&stage.account(), operation(), &agreement(), &charge_order())
            .await
    };
    let declined = |code: &str, agreement_is_over| {
        Ok(Charged::Declined {
            code: code.to_owned(),
            agreement_is_over,
        })
    };
    let too_high = charge(vec![say(400, "problem-amount-too-high")]).await;
    assert_eq!(too_high, declined("charge-amount-too-high", false));

    let refusal = || say(400, "problem-due-too-soon");
    let over = charge(vec![refusal(), say(200, "agreement-stopped-later")]).await;
    assert_eq!(over, declined("agreement_over", true));
    let expired = charge(vec![refusal(), say(200, "agreement-expired")]).await;
    assert_eq!(expired, declined("agreement_over", true));
    let not_created = || {
        let mut problem = fixture("problem-amount-too-high");
        problem["type"] = json!(
            problem["type"]
                .as_str()
                .unwrap()
                .replace("amount-too-high", "creation-failed")
        );
        Say::Json(400, problem)
    };
    for (says, is_over) in [
        ("agreement-stopped-later", true),
        ("agreement-active", false),
    ] {
        let refused = charge(vec![not_created(), say(200, says)]).await;
        assert_eq!(
            refused,
            declined("charge-creation-failed", is_over),
            "{says}"
        );
    }
    let silent = charge(vec![not_created(), Say::Nothing]).await;
    assert_eq!(silent, declined("charge-creation-failed", false));
    let active = charge(vec![refusal(), say(200, "agreement-active")]).await;
    assert_eq!(kind_of(active), (false, FailureKind::Refused));
    let silent = charge(vec![refusal(), Say::Nothing]).await;
    assert_eq!(kind_of(silent), (false, FailureKind::Refused));
    let conflict = charge(vec![say(409, "problem-idempotency-conflict")]).await;
    assert_eq!(kind_of(conflict), (true, FailureKind::Refused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepted_is_not_done() {
    for (status, progress) in [
        (204, Progress::Done),
        (200, Progress::Done),
        (202, Progress::Accepted),
    ] {
        let stage = stage(vec![no_content(status)]);
        let (vipps, account, charge) = (vipps(), stage.account(), begun_charge());
        let (some, vat) = (nok(500), nok(0));
        assert_eq!(
            vipps
                .capture(&account, operation(), &charge, some, vat)
                .await,
            Ok(progress)
        );
        assert_eq!(
            vipps
                .refund(&account, operation(), &charge, some, vat)
                .await,
            Ok(progress)
        );
        assert_eq!(
            vipps.cancel(&account, operation(), &charge).await,
            Ok(progress)
        );
        assert_eq!(
            vipps.close(&account, operation(), &charge).await,
            Ok(progress)
        );
        assert_eq!(
            vipps.stop(&account, operation(), &agreement()).await,
            Ok(progress)
        );
        let path = charge_path(OPERATION);
        let delete = format!("DELETE {path}");
        let expected = [
            format!("POST {path}/capture"),
            format!("POST {path}/refund"),
            delete.clone(),
            delete,
            format!("PATCH {AGREEMENTS}/{AGREEMENT}"),
        ];
        assert_eq!(stage.lines(), expected);
        assert!(
            stage
                .asked()
                .iter()
                .all(|it| it.header("idempotency-key") == Some(OPERATION))
        );
        let description = |call: usize| stage.asked()[call].body.clone().unwrap();
        assert_eq!(description(0), modification("Captured by the merchant"));
        assert_eq!(description(1), modification("Refunded by the merchant"));
        assert_eq!(stage.asked()[2].body, None);
    }
}

fn modification(description: &str) -> Value {
    json!({ "amount": 500, "description": description })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_money_of_a_first_payment_is_in_its_initial_charge() {
    let stage = stage(vec![no_content(204)]);
    let (vipps, account) = (vipps(), stage.account());
    vipps
        .capture(&account, operation(), &first_payment(), nok(100), nok(0))
        .await
        .unwrap();
    vipps
        .cancel(&account, operation(), &first_payment())
        .await
        .unwrap();
    let path = charge_path(REFERENCE);
    assert_eq!(
        stage.lines(),
        [format!("POST {path}/capture"), format!("DELETE {path}")]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_what_is_stopped_is_done_and_what_is_not_known_is_not_found() {
    let refusal = || say(400, "problem-illegal-update");
    let stop = async |script: Vec<Say>| {
        let stage = stage(script);
        vipps()
            .stop(&stage.account(), operation(), &agreement())
            .await
    };
    let again = stop(vec![refusal(), say(200, "agreement-stopped-later")]).await;
    assert_eq!(again, Ok(Progress::Done));
    let refused = stop(vec![refusal(), say(200, "agreement-active")]).await;
    assert_eq!(kind_of(refused), (false, FailureKind::Refused));
    let unknown = stop(vec![say(404, "problem-agreement-unknown")]).await;
    assert_eq!(kind_of(unknown), (false, FailureKind::NotFound));
    let lost = stop(vec![Say::Nothing]).await;
    assert_eq!(kind_of(lost), (true, FailureKind::Timeout));
}
