//! A browser pays for orders and comes back to its merchant.

use std::time::Duration;

use mcpay::orders::order::OrderId;
use serde_json::json;

use crate::on_both_databases;
use crate::support::orders::{order, order_of};

const SOON: Duration = Duration::from_secs(20);

on_both_databases! {
    async fn an_order_is_paid_and_fulfilled_and_the_browser_comes_back_with_success(world) {
        let id = world.registers(&order(&json!({}))).await;
        let provider = world.browser_pays(&[id]).await.expect(303).location();
        assert!(provider.path().starts_with("/sandbox/payex/"), "{provider}");
        let payment = world.payment_of(id).await;
        world.payer_approves(&payment).await;
        assert_eq!(world.browser_returns(&payment, "").await, "success");
        assert_eq!(world.order_status(id).await.order.status.as_str(), "fulfilled");
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 1);
        let told = world.events_of_order(id).await;
        assert_eq!(told, ["order.registered", "order.fulfilled"]);
    }

    async fn several_orders_are_paid_by_one_payment_of_their_sum(world) {
        let ids = [world.registers(&order_of(100)).await, world.registers(&order_of(49)).await];
        world.browser_pays(&ids).await.expect(303);
        let payment = world.payment_of(ids[0]).await;
        assert_eq!(world.payment_of(ids[1]).await.reference, payment.reference);
        assert_eq!(world.stored(&payment).await.amount.minor(), 14_900);
        world.payer_approves(&payment).await;
        assert_eq!(world.browser_returns(&payment, "").await, "success");
        for id in ids {
            assert_eq!(world.order_status(id).await.order.status.as_str(), "fulfilled");
        }
    }

    async fn orders_that_cannot_be_paid_together_come_back_with_an_error(world) {
        let card = world.registers(&order_of(100)).await;
        let nexi = world.registers(&order(&json!({ "paymentMethod": "nexi" }))).await;
        let eur = world.registers(&order(&json!({ "currency": "EUR" }))).await;
        let lines = json!([{ "productSpecCode": "TOTT", "productSpecNo": 1, "unitPrice": 349 }]);
        let recurring = order(&json!({ "recurring": true, "orderLines": lines }));
        let recurring = world.registers(&recurring).await;
        for other in [nexi, eur, recurring] {
            let back = world.browser_pays(&[card, other]).await.expect(303).location();
            assert_eq!(world.status_at_shop(&back), "error");
        }
    }

    async fn a_payer_who_gives_up_comes_back_with_cancel_and_may_pay_again(world) {
        let id = world.registers(&order(&json!({}))).await;
        world.browser_pays(&[id]).await.expect(303);
        let first = world.payment_of(id).await;
        world.payer_cancels(&first).await;
        assert_eq!(world.browser_returns(&first, "via=cancel").await, "cancel");
        assert_eq!(world.order_status(id).await.order.status.as_str(), "preliminary");
        world.browser_pays(&[id]).await.expect(303);
        let second = world.payment_of(id).await;
        assert_ne!(first.reference, second.reference);
        world.payer_approves(&second).await;
        assert_eq!(world.browser_returns(&second, "").await, "success");
    }

    async fn a_declined_card_ends_nothing_and_the_next_one_pays(world) {
        let id = world.registers(&order(&json!({}))).await;
        world.browser_pays(&[id]).await.expect(303);
        let payment = world.payment_of(id).await;
        world.payer_declines(&payment).await;
        let waiting = world.comes_back(&payment, "").await.expect(200);
        assert!(waiting.header("content-type").starts_with("text/html"));
        assert_eq!(world.order_status(id).await.order.status.as_str(), "preliminary");
        world.payer_approves(&payment).await;
        // The provider's answer of a moment ago would be reused for a second.
        world.becomes(&payment, "success", SOON).await;
        assert_eq!(world.browser_returns(&payment, "").await, "success");
        assert_eq!(world.order_status(id).await.order.status.as_str(), "fulfilled");
    }

    async fn a_payment_whose_time_ran_out_comes_back_with_an_error_and_may_be_begun_again(world) {
        let id = world.registers(&order(&json!({}))).await;
        world.browser_pays(&[id]).await.expect(303);
        let payment = world.payment_of(id).await;
        world.clock.advance(chrono::Duration::hours(2));
        world.becomes(&payment, "failure", SOON).await;
        assert_eq!(world.browser_returns(&payment, "").await, "error");
        assert_eq!(world.order_status(id).await.order.status.as_str(), "preliminary");
        world.browser_pays(&[id]).await.expect(303);
        assert_ne!(world.payment_of(id).await.reference, payment.reference);
    }

    async fn while_the_start_of_a_payment_is_in_doubt_no_second_one_is_begun(world) {
        let id = world.registers(&order(&json!({}))).await;
        world.provider_behaves(json!({ "timeoutRate": 1 })).await;
        let lost = world.browser_pays(&[id]).await.expect(303).location();
        assert_eq!(world.status_at_shop(&lost), "unknown");
        world.provider_behaves(json!({ "timeoutRate": 0 })).await;

        let again = world.browser_pays(&[id]).await;
        assert_eq!(again.status, 409);
        assert!(again.header("content-type").starts_with("text/html"));
        let doubtful = world.payment_of(id).await;
        assert_eq!(world.provider_saw(&doubtful.reference).await, ["initiate"]);

        world.clock.advance(chrono::Duration::seconds(90));
        world.becomes(&doubtful, "failure", SOON).await;
        world.browser_pays(&[id]).await.expect(303);
        assert_ne!(world.payment_of(id).await.reference, doubtful.reference);
    }

    async fn each_order_of_a_common_payment_is_refunded_up_to_its_own_amount(world) {
        let ids = [world.registers(&order_of(100)).await, world.registers(&order_of(49)).await];
        world.browser_pays(&ids).await.expect(303);
        let payment = world.payment_of(ids[0]).await;
        world.payer_approves(&payment).await;
        assert_eq!(world.browser_returns(&payment, "").await, "success");
        let (backend, path) = (world.backend().await, format!("/capi/v1/client/payment/{}/refund", payment.reference));
        let refund = async |body: serde_json::Value| {
            let key = uuid::Uuid::new_v4().to_string();
            backend.post_with_key(&path, &key, &body).await
        };
        let unnamed = refund(json!({ "amount": "10.00" })).await.problem(400);
        assert_eq!(unnamed["errors"][0]["field"], "orderId");
        let too_much = refund(json!({ "orderId": ids[1].get(), "amount": "49.01" })).await.problem(409);
        assert_eq!(too_much["code"], "amount_exceeded");
        refund(json!({ "orderId": ids[1].get(), "amount": "40.00" })).await.expect(200);
        let rest = refund(json!({ "orderId": ids[1].get(), "amount": "9.01" })).await.problem(409);
        assert!(rest["detail"].as_str().unwrap().contains("9.00 NOK"), "{rest}");
        refund(json!({ "orderId": ids[0].get() })).await.expect(200);
        assert_eq!(world.stored(&payment).await.amounts.refunded.minor(), 14_000);
    }

    async fn a_prepaid_order_goes_straight_back(world) {
        let id = world.registers(&order(&json!({ "prepaid": true }))).await;
        let back = world.browser_pays(&[id]).await.expect(303).location();
        assert_eq!(world.status_at_shop(&back), "success");
        assert_eq!(world.order_status(id).await.order.status.as_str(), "fulfilled");
    }

    async fn an_unknown_order_and_a_foreign_origin_get_one_identical_page(world) {
        let id = world.registers(&order(&json!({}))).await;
        let shop = world.back_at_shop().to_string();
        let unknown = OrderId::new(4_711).unwrap();
        let pages = [
            world.browser_pays_from(&[unknown], &shop).await,
            world.browser_pays_from(&[id, unknown], &shop).await,
            world.browser_pays_from(&[id], "https://elsewhere.example/").await,
            world.browser_pays_from(&[id], "no address").await,
            world.get("/login/fulfillment?orderId=x&returnUrl=http://localhost/").await,
            world.get("/login/fulfillment").await,
            world.get("/login/fulfillment/back?mcPayRef=019a8d4e-7b7c-7d3e-8f00-0123456789ab").await,
            world.get("/login/fulfillment/back").await,
        ];
        for page in &pages {
            assert_eq!(page.status, 404);
            assert_eq!(page.text, pages[0].text);
            assert!(page.header("content-type").starts_with("text/html"));
            assert!(!page.headers.contains_key("location"));
        }
        assert!(world.order_status(id).await.payment.is_none());
    }
}
