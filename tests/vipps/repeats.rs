//! What becomes of an operation that may have happened when it is repeated: the provider is away, wants
//! to be left alone, has other keys by now, or has forgotten ours.

use chrono::TimeDelta;
use mcpay::payments::operation::{OperationKind, OperationStatus, StoredOperation};
use mcpay::payments::payment::Status;
use mcpay::payments::ports::PaymentStore as _;
use mcpay::ports::Clock as _;
use serde_json::json;

use super::stage::{SOON, one_time};
use crate::backend::merchant::Merchant;
use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

async fn capture_of(world: &World, payment: &StartedPayment) -> StoredOperation {
    let reference = world.stored(payment).await.reference;
    let operations = world.built.store.find_operations(reference).await;
    let mut operations = operations.expect("the store").into_iter();
    let capture = operations.find(|one| one.kind == OperationKind::Capture);
    capture.expect("a capture")
}

/// The timer has called the capture again, so many times in all.
async fn is_tried(world: &World, payment: &StartedPayment, times: i32) -> StoredOperation {
    world.clock.advance(TimeDelta::minutes(20));
    wait_for("it is tried again", SOON, async || {
        let capture = capture_of(world, payment).await;
        (capture.tries >= times).then_some(capture)
    })
    .await
}

async fn is_authorized(world: &World) -> StartedPayment {
    world.is_registered().await;
    let payment = world.starts(one_time()).await;
    world.payer_approves(&payment).await;
    world.becomes(&payment, "success", SOON).await;
    payment
}

/// A capture of everything whose answer proves nothing, while `fault` is on.
async fn may_be_captured(world: &World, payment: &StartedPayment, fault: &str) {
    let merchant = Merchant::of(world).await;
    world.provider_behaves(json!({ fault: 1 })).await;
    let told = merchant.does("capture", payment, json!({})).await;
    assert_eq!(told.problem(504)["code"], "outcome_unknown");
    world.provider_behaves(json!({ fault: 0 })).await;
}

async fn ends_captured_once(world: &World, payment: &StartedPayment) {
    wait_for("the capture is done", SOON, async || {
        let capture = capture_of(world, payment).await;
        (capture.status == OperationStatus::Done).then_some(())
    })
    .await;
    let stored = world.stands_as(payment, Status::Captured).await;
    assert_eq!(stored.amounts.captured, stored.amount);
    assert_eq!(
        world.events_of(payment).await,
        [
            "payment.initiated",
            "payment.authorized",
            "payment.captured"
        ]
    );
}

on_both_databases! {
    async fn a_repeat_that_gets_no_access_leaves_the_capture_open(world) {
        let payment = is_authorized(world).await;
        may_be_captured(world, &payment, "failRate").await;
        world.vipps_rules(json!({ "refusesAccess": true })).await;

        for times in 1..=3 {
            let capture = is_tried(world, &payment, times).await;
            assert_eq!(capture.status, OperationStatus::Unknown);
        }
        world.vipps_rules(json!({ "refusesAccess": false })).await;

        is_tried(world, &payment, 4).await;
        ends_captured_once(world, &payment).await;
    }

    async fn a_capture_that_was_done_and_forgotten_is_found_in_the_event_log(world) {
        let payment = is_authorized(world).await;
        world.vipps_rules(json!({ "keysKeptSeconds": 0 })).await;
        may_be_captured(world, &payment, "timeoutRate").await;

        is_tried(world, &payment, 1).await;

        ends_captured_once(world, &payment).await;
    }

    async fn a_capture_is_not_repeated_before_the_provider_wants_to_be_called(world) {
        let payment = is_authorized(world).await;
        may_be_captured(world, &payment, "failRate").await;
        world.vipps_rules(json!({ "busySeconds": 7_200 })).await;

        is_tried(world, &payment, 1).await;
        let refused_at = world.clock.now();
        let capture = wait_for("it is put off", SOON, async || {
            let capture = capture_of(world, &payment).await;
            capture.due_at.filter(|due| *due > refused_at + TimeDelta::hours(1))?;
            Some(capture)
        })
        .await;
        assert_eq!(capture.status, OperationStatus::Unknown);
        assert_eq!(capture.tries, 1);
        world.vipps_rules(json!({ "busySeconds": 0 })).await;

        world.clock.advance(TimeDelta::hours(2));
        ends_captured_once(world, &payment).await;
    }

    async fn a_payment_is_not_asked_about_before_the_provider_wants_to_be_asked(world) {
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        let payment = world.starts(one_time()).await;
        world.vipps_rules(json!({ "busySeconds": 600 })).await;
        assert_eq!(world.completes(&payment).await["status"], "pending");
        let asked = world.provider_saw(&payment.reference).await.len();
        world.vipps_rules(json!({ "busySeconds": 0 })).await;
        world.payer_approves(&payment).await;

        for minute in 1..=5 {
            world.clock.advance(TimeDelta::minutes(1));
            wait_for("the timer has come by", SOON, async || {
                let stored = world.stored(&payment).await;
                (stored.inquiries >= minute).then_some(())
            })
            .await;
            assert_eq!(world.completes(&payment).await["status"], "pending");
        }
        assert_eq!(world.provider_saw(&payment.reference).await.len(), asked);

        world.clock.advance(TimeDelta::minutes(6));
        world.becomes(&payment, "success", SOON).await;
    }
}
