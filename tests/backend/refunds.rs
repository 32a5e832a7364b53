//! Refund: what was captured goes back, whole or in parts, and never more.

use serde_json::json;

use super::merchant::Merchant;
use crate::on_both_databases;

on_both_databases! {
    async fn a_refund_without_an_amount_gives_everything_back(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_captured().await;

        let answer = merchant.does("refund", &payment, json!({})).await.expect(200).json();

        assert_eq!(answer["status"], "done");
        let read = merchant.reads(&payment).await;
        assert_eq!((&read["state"], &read["refundedAmount"]), (&json!("refunded"), &json!("100.00")));
        assert_eq!(read["status"], "success", "a refunded payment was paid");
        assert_eq!(
            world.events_of(&payment).await.last().map(String::as_str),
            Some("payment.refunded")
        );
    }

    async fn partial_refunds_add_up_and_no_more_than_the_rest_can_follow(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_captured().await;
        merchant.does("refund", &payment, json!({ "amount": "0.01" })).await.expect(200);
        merchant.does("refund", &payment, json!({ "amount": 49.99 })).await.expect(200);

        let problem = merchant.does("refund", &payment, json!({ "amount": "50.01" })).await.problem(409);
        assert_eq!(problem["code"], "amount_exceeded");
        assert!(problem["detail"].as_str().unwrap().contains("50.00 NOK"), "{problem}");

        merchant.does("refund", &payment, json!({})).await.expect(200);
        assert_eq!(merchant.reads(&payment).await["refundedAmount"], "100.00");
        assert_eq!(world.count_calls(&payment.reference, "refund").await, 3);
    }

    async fn what_is_not_captured_cannot_be_refunded(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        let problem = merchant.does("refund", &payment, json!({})).await.problem(409);
        assert!(
            ["state_conflict", "amount_exceeded"].contains(&problem["code"].as_str().unwrap()),
            "{problem}"
        );
        assert_eq!(world.count_calls(&payment.reference, "refund").await, 0);
    }

    async fn only_what_was_captured_of_it_can_be_refunded(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        merchant.does("capture", &payment, json!({ "amount": "25.00" })).await.expect(200);
        let problem = merchant.does("refund", &payment, json!({ "amount": "25.01" })).await.problem(409);
        assert_eq!(problem["code"], "amount_exceeded");
        merchant.does("refund", &payment, json!({ "amount": "25.00" })).await.expect(200);
        assert_eq!(merchant.reads(&payment).await["refundedAmount"], "25.00");
    }
}
