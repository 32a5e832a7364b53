//! CONTRACT 8.6: a set of orders has at most one open payment, however many tabs there are.

use futures_util::future::join_all;
use serde_json::json;

use crate::on_both_databases;
use crate::support::orders::{order, order_of};

on_both_databases! {
    async fn tabs_that_race_start_one_payment_and_share_it(world) {
        let id = world.registers(&order(&json!({}))).await;
        let ids = [id];
        let tabs = join_all((0..4).map(|_| world.browser_pays(&ids))).await;
        let places: Vec<_> = tabs.into_iter().map(|tab| tab.expect(303).location()).collect();
        assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
        let events = world.all_events().await;
        let begun = events.iter().filter(|event| event.kind == "payment.initiated").count();
        assert_eq!(begun, 1);
    }

    async fn the_back_button_resumes_the_open_payment(world) {
        let id = world.registers(&order(&json!({}))).await;
        let first = world.browser_pays(&[id]).await.expect(303).location();
        let again = world.browser_pays(&[id]).await.expect(303).location();
        assert_eq!(first, again);
    }

    async fn the_page_after_success_goes_straight_back(world) {
        let id = world.registers(&order(&json!({}))).await;
        world.browser_pays(&[id]).await.expect(303);
        let payment = world.payment_of(id).await;
        world.payer_approves(&payment).await;
        assert_eq!(world.browser_returns(&payment, "").await, "success");
        let back = world.browser_pays(&[id]).await.expect(303).location();
        assert_eq!(world.status_at_shop(&back), "success");
        assert_eq!(world.payment_of(id).await.reference, payment.reference);
    }

    async fn an_order_leaves_an_open_set_only_after_its_payment_is_closed(world) {
        let ids = [world.registers(&order_of(100)).await, world.registers(&order_of(49)).await];
        world.browser_pays(&ids).await.expect(303);
        let both = world.payment_of(ids[0]).await;
        world.browser_pays(&ids[..1]).await.expect(303);
        assert_eq!(world.status(&both).await["status"], "failure");
        let alone = world.payment_of(ids[0]).await;
        assert_ne!(alone.reference, both.reference);
        assert!(world.order_status(ids[1]).await.payment.is_none(), "the other one is free");
    }
}
