//! Captures whose owner died, and those that the provider refuses.

use chrono::TimeDelta;
use mcpay::payments::operation::{OperationKind, OperationStatus};
use mcpay::payments::payment::Status;
use mcpay::payments::ports::PaymentStore as _;
use serde_json::json;

use super::SOON;
use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::Wish;

on_both_databases! {
    with Wish { without_jobs: true, ..Wish::default() };

    async fn a_capture_whose_owner_died_before_the_call_is_made_by_another_instance(world) {
        world.captures_immediately().await;
        let payment = world.authorized(json!({})).await;
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 0);

        let other = world.another_instance().await;

        world.stands_as(&payment, Status::Captured).await;
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 1);
        other.ends().await;
    }

    async fn a_capture_that_is_refused_three_times_is_given_up_and_told_once(world) {
        world.captures_immediately().await;
        let payment = world.authorized(json!({})).await;
        world.provider_rules(json!({ "refuseCaptures": true })).await;

        for refusals in 1..=3 {
            world.built.app.payments.pursue().await.unwrap();
            wait_for("a refusal", SOON, async || {
                let stored = world.payment(&payment.reference).await;
                (stored.capture_refusals == refusals).then_some(())
            })
            .await;
            world.clock.advance(TimeDelta::minutes(16));
        }
        world.built.app.payments.pursue().await.unwrap();

        let stored = world.payment(&payment.reference).await;
        assert!(stored.reserved.captured.is_zero(), "the money is there to be captured by hand");
        let operations = world.built.store.find_operations(stored.reference).await.unwrap();
        let captures = operations.iter().filter(|one| one.kind == OperationKind::Capture);
        let failed = captures.filter(|one| one.status == OperationStatus::Failed);
        assert_eq!(failed.count(), 3);
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized", "payment.capture_failed"]
        );
    }
}
