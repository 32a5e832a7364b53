//! Cancel: what is authorised and not captured goes back to the payer.

use serde_json::json;

use super::merchant::Merchant;
use crate::on_both_databases;

on_both_databases! {
    async fn an_authorized_payment_is_released(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;

        let answer = merchant.does("cancel", &payment, json!({})).await.expect(200).json();

        assert_eq!(answer["status"], "done");
        let read = merchant.reads(&payment).await;
        assert_eq!((&read["state"], &read["cancelledAmount"]), (&json!("cancelled"), &json!("100.00")));
        assert_eq!((&read["status"], &read["reason"]), (&json!("failure"), &json!("cancel")));
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized", "payment.cancelled"]
        );
    }

    async fn a_cancel_releases_the_rest_of_what_was_captured_in_part(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        merchant.does("capture", &payment, json!({ "amount": "40.00" })).await.expect(200);

        merchant.does("cancel", &payment, json!({})).await.expect(200);

        let read = merchant.reads(&payment).await;
        assert_eq!(
            (&read["capturedAmount"], &read["cancelledAmount"]),
            (&json!("40.00"), &json!("60.00"))
        );
        assert_eq!(read["status"], "success");
        let again = merchant.does("capture", &payment, json!({ "amount": 1 })).await;
        assert_eq!(again.status, 409, "{}", again.text);
    }

    async fn a_cancel_takes_no_amount(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        for amount in [json!("40.00"), json!(100), json!("")] {
            let problem = merchant.does("cancel", &payment, json!({ "amount": amount })).await.problem(400);
            assert_eq!(problem["errors"][0]["field"], "amount", "{problem}");
        }
        assert_eq!(merchant.reads(&payment).await["state"], "authorized");
    }

    async fn what_is_captured_cannot_be_released(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_captured().await;
        let problem = merchant.does("cancel", &payment, json!({})).await.problem(409);
        assert_eq!(problem["code"], "state_conflict");
    }
}
