//! One-time payments and first payments from `paymentInit` to the events, their orders, refunds and
//! other ends.

use std::time::{Duration, Instant};

use serde_json::json;

use super::stage::{SOON, one_time, subscription, with};
use crate::backend::merchant::Merchant;
use crate::on_both_databases;
use crate::support::orders::{order, order_for};

on_both_databases! {
    async fn a_one_time_payment_is_approved_in_the_app_and_told_within_a_second(world) {
        world.is_registered().await;
        let payment = world.starts(one_time()).await;
        assert_eq!(payment.answer["paymentFlow"], "redirect");
        let page = payment.answer["redirectUrl"].as_str().unwrap();
        assert!(page.contains("/sandbox/vipps/landing?token="), "{page}");

        let approved = Instant::now();
        world.payer_approves(&payment).await;

        world.becomes(&payment, "success", Duration::from_secs(1)).await;
        assert!(approved.elapsed() < Duration::from_millis(1_500), "{:?}", approved.elapsed());
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.authorized"]);
        let back = world.comes_back(&payment, "").await.expect(303).location();
        assert!(back.query().unwrap().ends_with("&status=success"), "{back}");
    }

    async fn a_subscription_opens_an_agreement_with_its_first_krone(world) {
        world.is_registered().await;
        let payment = world.starts(subscription()).await;

        world.payer_approves(&payment).await;

        world.becomes(&payment, "success", SOON).await;
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized", "agreement.activated"]
        );
        let stored = world.stored(&payment).await;
        assert_eq!((stored.amount.minor(), stored.inquire_at), (100, None));
    }

    async fn an_order_captures_what_was_reserved_and_a_backend_gives_it_back(world) {
        let merchant = Merchant::of(world).await;
        let payment = world.starts(one_time()).await;
        world.payer_approves(&payment).await;
        assert_eq!(world.completes(&payment).await["status"], "success");

        let changes = json!({ "paymentMethod": "vippsEcommerce" });
        let order = world.registers(&with(order_for(&payment), &changes)).await;

        world.order_becomes(order, "fulfilled").await;
        merchant.sees(&payment, "captured").await;
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 1);
        merchant.does("refund", &payment, json!({ "amount": "100.00" })).await.expect(200);
        merchant.does("refund", &payment, json!({})).await.expect(200);
        let read = merchant.sees(&payment, "refunded").await;
        assert_eq!(read["refundedAmount"], "349.00");
        assert_eq!(
            world.events_of(&payment).await,
            [
                "payment.initiated", "payment.authorized", "order.registered", "payment.captured",
                "order.fulfilled", "payment.refunded", "payment.refunded",
            ]
        );
    }

    async fn a_subscription_s_order_captures_its_first_krone(world) {
        let merchant = Merchant::of(world).await;
        let payment = world.starts(subscription()).await;
        world.payer_approves(&payment).await;
        world.becomes(&payment, "success", SOON).await;

        let first = json!({
            "paymentMethod": "vippsRecurring", "mcPayRef": payment.reference, "prepaid": true,
            "orderAmount": 1,
            "orderLines": [{ "productSpecType": "product", "productSpecCode": "TOTT", "unitPrice": 1 }],
        });
        let order = world.registers(&order(&first)).await;

        world.order_becomes(order, "fulfilled").await;
        let read = merchant.sees(&payment, "captured").await;
        assert_eq!(read["capturedAmount"], "1.00");
    }

    async fn a_part_is_captured_and_the_rest_released(world) {
        let merchant = Merchant::of(world).await;
        let payment = world.starts(one_time()).await;
        world.payer_approves(&payment).await;
        assert_eq!(world.completes(&payment).await["status"], "success");

        merchant.does("capture", &payment, json!({ "amount": "100.00" })).await.expect(200);
        merchant.does("cancel", &payment, json!({})).await.expect(200);

        let read = merchant.reads(&payment).await;
        assert_eq!(
            (&read["capturedAmount"], &read["cancelledAmount"]),
            (&json!("100.00"), &json!("249.00"))
        );
    }

    async fn a_payer_who_rejects_is_a_failure_and_a_cancel(world) {
        world.is_registered().await;
        for claims in [one_time(), subscription()] {
            let payment = world.starts(claims).await;
            world.payer_cancels(&payment).await;
            let ended = world.becomes(&payment, "failure", SOON).await;
            assert_eq!(ended["reason"], "cancel");
            assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.cancelled"]);
        }
    }

    async fn a_declined_attempt_leaves_the_payment_open_for_another(world) {
        let payment = world.starts(one_time()).await;
        world.payer_declines(&payment).await;
        assert_eq!(world.completes(&payment).await["status"], "pending");
        world.payer_approves(&payment).await;
        world.becomes(&payment, "success", SOON).await;
    }

    async fn a_first_payment_that_is_declined_ends_the_agreement(world) {
        world.is_registered().await;
        let payment = world.starts(subscription()).await;
        world.payer_declines(&payment).await;
        let ended = world.becomes(&payment, "failure", SOON).await;
        assert_eq!(ended["reason"], "declined");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.failed"]);
    }

    async fn what_nobody_answers_expires_after_the_provider_s_ten_minutes(world) {
        world.is_registered().await;
        let (payment, opening) = (world.starts(one_time()).await, world.starts(subscription()).await);
        world.time_passes_at_vipps(chrono::TimeDelta::minutes(11)).await;
        for payment in [payment, opening] {
            let ended = world.becomes(&payment, "failure", SOON).await;
            assert_eq!(ended["reason"], "expired");
        }
    }

    async fn a_payer_who_gives_up_at_the_shop_closes_it_at_the_provider(world) {
        let payment = world.starts(one_time()).await;
        assert_eq!(world.cancels(&payment).await["reason"], "cancel");
        let path = format!("/sandbox/vipps/_payer/{}", payment.reference);
        let late = world.post(&path, &json!({ "action": "approve" })).await;
        assert_eq!(late.status, 409, "the payer cannot pay any more: {}", late.text);
    }
}
