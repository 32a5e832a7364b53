//! Refunds that race for the same money.

use futures_util::future::join_all;
use mcpay::payments::operation::{OperationKind, OperationStatus};
use mcpay::payments::ports::PaymentStore as _;
use serde_json::json;

use super::merchant::Merchant;
use crate::on_both_databases;

on_both_databases! {
    async fn of_64_refunds_of_2_kroner_exactly_50_fit_into_100(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_captured().await;

        let racing = (0..64).map(|_| merchant.does("refund", &payment, json!({ "amount": "2.00" })));
        let answers = join_all(racing).await;

        let mut done = 0;
        for answer in &answers {
            match answer.status {
                200 | 202 => done += 1,
                _ => assert_eq!(answer.problem(409)["code"], "amount_exceeded"),
            }
        }
        assert_eq!(done, 50, "and 14 were told that it is more than what is left");
        let calls = world.get(&format!("/sandbox/payex/_calls?reference={}", payment.reference)).await.json();
        let refunds = |call: &&serde_json::Value| call["operation"] == "refund";
        let calls: Vec<_> = calls.as_array().unwrap().iter().filter(refunds).cloned().collect();
        assert_eq!(calls.len(), 50, "the provider was asked no more often");
        assert!(calls.iter().all(|call| call["status"].as_u64().unwrap() < 300), "{calls:?}");

        let stored = world.stored(&payment).await;
        assert_eq!(stored.amounts.refunded, stored.amounts.captured);
        assert_eq!(stored.reserved.refunded, stored.amounts.captured);
        let operations = world.built.store.find_operations(stored.reference).await.unwrap();
        let refunds = operations.iter().filter(|operation| {
            operation.kind == OperationKind::Refund && operation.status == OperationStatus::Done
        });
        assert_eq!(refunds.count(), 50);
    }
}
