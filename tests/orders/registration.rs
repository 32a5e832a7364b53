//! CONTRACT 8.5: what a backend may repeat, and what it is told.

use futures_util::future::join_all;
use serde_json::json;

use crate::on_both_databases;
use crate::support::orders::order;

on_both_databases! {
    async fn the_same_external_order_id_with_the_same_body_gets_the_same_order(world) {
        let body = order(&json!({ "externalOrderId": "A-1" }));
        let ids = join_all((0..4).map(|_| world.registers(&body))).await;
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(world.events_of_order(ids[0]).await, ["order.registered"]);
        let other = order(&json!({ "externalOrderId": "A-1", "customerReference": "x" }));
        let (status, told) = world.tries_to_register(&other).await.unwrap_err();
        assert_eq!((status, &told["code"]), (409, &json!("state_conflict")));
    }

    async fn an_order_id_is_random_and_fits_every_json_reader(world) {
        let first = world.registers(&order(&json!({}))).await;
        let second = world.registers(&order(&json!({}))).await;
        assert_ne!(first, second, "without an id of its own each is another order");
        for id in [first, second] {
            assert!(id.get() > 0 && id.get() < 1 << 53);
        }
    }

    async fn the_status_tells_what_was_registered(world) {
        let id = world.registers(&order(&json!({ "externalOrderId": "A-1" }))).await;
        let backend = world.backend().await;
        let answer = backend.get(&format!("/capi/v1/client/order/status/{id}")).await.expect(200);
        assert!(answer.text.contains(r#""orderAmount":349.00"#), "{}", answer.text);
        let told = &answer.json()["orders"][0];
        assert_eq!(told["orderId"], id.get());
        assert_eq!(told["externalOrderId"], "A-1");
        assert_eq!(told["orderStatus"], "preliminary");
        assert_eq!(told["customerNumber"], "K7");
        assert_eq!(told["orderLines"][0]["productId"], "BOOK");
        assert!(told["orderTime"].as_i64().unwrap() > 1_700_000_000_000);
        assert!(told.get("mcPayRef").is_none());
        for unknown in ["4711", "0", "x"] {
            backend.get(&format!("/capi/v1/client/order/status/{unknown}")).await.problem(404);
        }
    }

    async fn without_a_token_nothing_is_registered(world) {
        world.post("/capi/v1/client/order", &order(&json!({}))).await.problem(401);
    }
}
