//! `Idempotency-Key` of the calls that move money (CONTRACT 8.13).

use serde_json::json;

use super::merchant::Merchant;
use crate::on_both_databases;

on_both_databases! {
    async fn the_same_key_and_body_get_the_first_answer_byte_by_byte(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_captured().await;
        let path = format!("payment/{}/refund", payment.reference);
        let body = json!({ "amount": "10.00" });

        let first = merchant.asks_with("once", &path, &body).await.expect(200);
        let second = merchant.asks_with("once", &path, &body).await.expect(200);

        assert_eq!(first.text, second.text);
        assert_eq!(first.header("content-type"), second.header("content-type"));
        assert_eq!(world.count_calls(&payment.reference, "refund").await, 1);
        assert_eq!(merchant.reads(&payment).await["refundedAmount"], "10.00");
    }

    async fn a_refusal_is_replayed_with_its_request_id_even_when_it_would_now_succeed(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        let path = format!("payment/{}/refund", payment.reference);
        let first = merchant.asks_with("early", &path, &json!({ "amount": 1 })).await;
        assert_eq!(first.status, 409, "{}", first.text);
        merchant.does("capture", &payment, json!({})).await.expect(200);

        let second = merchant.asks_with("early", &path, &json!({ "amount": 1 })).await;

        assert_eq!((second.status, &second.text), (409, &first.text));
        assert_eq!(second.header("content-type"), "application/problem+json");
    }

    async fn a_key_belongs_to_its_body_and_its_payment(world) {
        let merchant = Merchant::of(world).await;
        let (payment, other) = (merchant.has_captured().await, merchant.has_captured().await);
        let path = format!("payment/{}/refund", payment.reference);
        merchant.asks_with("mine", &path, &json!({ "amount": 1 })).await.expect(200);

        let problem = merchant.asks_with("mine", &path, &json!({ "amount": 2 })).await.problem(422);
        assert_eq!(problem["code"], "idempotency_conflict");
        let path = format!("payment/{}/refund", other.reference);
        let problem = merchant.asks_with("mine", &path, &json!({ "amount": 1 })).await.problem(422);
        assert_eq!(problem["code"], "idempotency_conflict");
        assert_eq!(merchant.reads(&other).await["refundedAmount"], "0.00");
    }

    async fn a_call_that_moves_money_needs_a_key(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_captured().await;
        for verb in ["capture", "refund", "cancel"] {
            let path = format!("payment/{}/{verb}", payment.reference);
            let problem = merchant.asks_bare(None, &path).await.problem(400);
            assert_eq!(problem["errors"][0]["field"], "Idempotency-Key", "{problem}");
            let long = "k".repeat(256);
            merchant.asks_bare(Some(&long), &path).await.problem(400);
        }
        assert_eq!(world.count_calls(&payment.reference, "refund").await, 0);
    }
}
