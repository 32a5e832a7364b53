//! A capture whose answer never comes.

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
    with Wish { breakable_provider: true, ..Wish::default() };

    async fn a_capture_whose_answer_is_lost_ends_captured_once(world) {
        let payment = world.authorized(json!({})).await;
        world.provider_behaves(json!({ "latencyMs": 1_000 })).await;
        let breaking = async {
            world.provider_sees(&payment.reference, "capture", 1).await;
            world.line().cut();
        };
        let (told, ()) = tokio::join!(world.capture("key", &payment, None), breaking);
        assert!(told.starts_with("Unknown"), "{told}");
        world.provider_behaves(json!({ "latencyMs": 0 })).await;

        world.clock.advance(TimeDelta::seconds(70));

        let stored = world.stands_as(&payment, Status::Captured).await;
        assert_eq!(stored.amounts.captured, stored.amount);
        wait_for("the operation is done", SOON, async || {
            let operations = world.built.store.find_operations(stored.reference).await.unwrap();
            let capture = operations.iter().find(|one| one.kind == OperationKind::Capture);
            capture.filter(|one| one.status == OperationStatus::Done).map(|_| ())
        })
        .await;
        let told = world.capture("key", &payment, None).await;
        assert!(told.starts_with("Done"), "the same key is told how it ended: {told}");
    }
}
