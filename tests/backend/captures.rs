//! Capture: what is authorised is taken, whole or in parts, and never more.

use serde_json::json;

use super::merchant::Merchant;
use crate::on_both_databases;

on_both_databases! {
    async fn a_capture_without_a_body_takes_everything(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        let path = format!("payment/{}/capture", payment.reference);

        let answer = merchant.asks_bare(Some("whole"), &path).await.expect(200).json();

        assert_eq!(answer["status"], "done");
        let read = merchant.reads(&payment).await;
        assert_eq!((&read["state"], &read["capturedAmount"]), (&json!("captured"), &json!("100.00")));
        assert_eq!(read["operations"][0]["operationId"], answer["operationId"]);
        assert_eq!(read["operations"][0]["kind"], "capture");
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized", "payment.captured"]
        );
    }

    async fn partial_captures_add_up_and_no_more_than_the_rest_can_follow(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        merchant.does("capture", &payment, json!({ "amount": 30.1 })).await.expect(200);
        merchant.does("capture", &payment, json!({ "amount": "29.90" })).await.expect(200);

        let problem = merchant.does("capture", &payment, json!({ "amount": "40.01" })).await.problem(409);
        assert_eq!(problem["code"], "amount_exceeded");
        assert!(problem["detail"].as_str().unwrap().contains("40.00 NOK"), "{problem}");
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 2, "nobody asked the provider");

        merchant.does("capture", &payment, json!({})).await.expect(200);
        let read = merchant.reads(&payment).await;
        assert_eq!(read["capturedAmount"], "100.00");
        let told: Vec<_> = read["timeline"].as_array().unwrap().iter()
            .filter(|entry| entry["type"] == "payment.captured")
            .map(|entry| entry["capturedAmount"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(told, ["30.10", "60.00", "100.00"]);
    }

    async fn a_cancelled_payment_cannot_be_captured_and_the_answer_says_how_it_stands(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        merchant.does("cancel", &payment, json!({})).await.expect(200);

        let problem = merchant.does("capture", &payment, json!({ "amount": 10 })).await.problem(409);

        assert_eq!(problem["code"], "state_conflict");
        let detail = problem["detail"].as_str().unwrap();
        for word in ["cancelled", "100.00", "NOK"] {
            assert!(detail.contains(word), "{word}: {detail}");
        }
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 0);
    }

    async fn a_pending_payment_cannot_be_captured(world) {
        let merchant = Merchant::of(world).await;
        let payment = world.starts_payment().await;
        let problem = merchant.does("capture", &payment, json!({})).await.problem(409);
        assert_eq!(problem["code"], "state_conflict");
    }

    async fn an_amount_that_cannot_be_taken_is_refused_before_anybody_is_asked(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        for amount in [json!(0), json!(-1), json!("1,50"), json!(1.005), json!(true), json!("1e99")] {
            let problem = merchant.does("capture", &payment, json!({ "amount": amount })).await.problem(400);
            assert_eq!(problem["errors"][0]["field"], "amount", "{amount}: {problem}");
        }
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 0);
    }

    async fn a_payment_that_nobody_has_is_not_found(world) {
        let merchant = Merchant::of(world).await;
        for reference in ["019aa3f4-6c1e-7a52-9d3b-4f6e2b1c8d70", "not-a-reference"] {
            let answer = merchant.asks(&format!("payment/{reference}/capture"), &json!({})).await;
            assert_eq!(answer.problem(404)["code"], "not_found");
        }
    }
}
