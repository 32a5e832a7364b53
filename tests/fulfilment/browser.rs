//! A browser pays for orders and comes back to its merchant.

use mcpay::orders::order::OrderId;
use serde_json::json;

use crate::on_both_databases;
use crate::support::orders::{order, order_of};

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
