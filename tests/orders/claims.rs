//! CONTRACT 8.5: a payment belongs to one order, which is fulfilled once the money is taken.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::orders::{order, order_for};
use crate::support::witness::wait_for;

on_both_databases! {
    async fn an_order_claims_its_payment_and_is_fulfilled_once_the_money_is_taken(world) {
        let payment = world.has_authorized().await;
        let id = world.registers(&order_for(&payment)).await;
        let view = world.order_becomes(id, "fulfilled").await;
        assert_eq!(view.payment.unwrap().to_string(), payment.reference);
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 1);
        let told = world.events_of_order(id).await;
        assert_eq!(told, ["order.registered", "order.fulfilled"]);
        let stored = world.stored(&payment).await;
        assert!(stored.claimed && stored.release_at.is_none());
    }

    async fn events_of_an_order_name_nobody(world) {
        let payment = world.has_authorized().await;
        let body = order(&json!({ "mcPayRef": payment.reference, "externalOrderId": "A-7" }));
        let id = world.registers(&body).await;
        world.order_becomes(id, "fulfilled").await;
        for event in world.all_events().await {
            let text = event.data.to_string();
            assert!(!text.contains("Nordmann") && !text.contains("kari@"), "{text}");
            if event.kind == "order.fulfilled" {
                assert_eq!(event.data, json!({
                    "orderId": id.get(), "clientCode": "no.mediaconnect.test",
                    "externalOrderId": "A-7", "mcPayRef": payment.reference,
                    "orderStatus": "fulfilled", "currency": "NOK", "amount": "349.00",
                }));
            }
        }
    }

    async fn of_two_orders_that_race_for_a_payment_one_wins(world) {
        let payment = world.has_authorized().await;
        let bodies: Vec<_> = (0..4).map(|n| order(&json!({
            "mcPayRef": payment.reference, "externalOrderId": format!("A-{n}"),
        }))).collect();
        let tries = join_all(bodies.iter().map(|body| world.tries_to_register(body))).await;
        let won: Vec<_> = tries.iter().flatten().collect();
        assert_eq!(won.len(), 1, "{tries:?}");
        for (status, body) in tries.iter().filter_map(|tried| tried.as_ref().err()) {
            assert_eq!((*status, &body["code"]), (409, &json!("state_conflict")));
        }
        world.order_becomes(*won[0], "fulfilled").await;
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 1);
    }

    async fn the_order_must_be_about_the_same_money_as_its_payment(world) {
        let payment = world.has_authorized().await;
        let lines = json!([{ "unitPrice": 348 }]);
        let cases = [
            (json!({ "orderAmount": 348, "orderLines": lines }), "orderAmount"),
            (json!({ "currency": "SEK" }), "currency"),
            (json!({ "paymentMethod": "nexi" }), "paymentMethod"),
            (json!({ "paymentMethod": "invoice" }), "paymentMethod"),
        ];
        for (changes, field) in cases {
            let mut body = order_for(&payment);
            for (name, value) in changes.as_object().unwrap() {
                body[name] = value.clone();
            }
            let (status, told) = world.tries_to_register(&body).await.unwrap_err();
            assert_eq!((status, &told["errors"][0]["field"]), (400, &json!(field)));
            assert_eq!(told["errors"][0]["code"], "mismatch");
        }
        assert!(!world.stored(&payment).await.claimed);
    }

    async fn a_payment_that_is_not_this_clients_looks_like_none(world) {
        for reference in ["019a8d4e-7b7c-7d3e-8f00-0123456789ab", "no reference"] {
            let body = order(&json!({ "mcPayRef": reference }));
            let (status, told) = world.tries_to_register(&body).await.unwrap_err();
            assert_eq!((status, &told["errors"][0]["code"]), (400, &json!("unknown")));
        }
    }

    async fn another_clients_payment_looks_like_none_and_stays_free(world) {
        let payment = world.has_authorized().await;
        let other = ClientFile { client_code: "no.other.paper".to_owned(), ..world.client_file() };
        world.applies_at_once(&other).await;
        let stranger = world.backend_of(&other.client_code, &other.oauth_secrets[0]).await;
        let told = stranger.post("/capi/v1/client/order", &order_for(&payment)).await.problem(400);
        assert_eq!(told["errors"][0]["field"], "mcPayRef");
        assert_eq!(told["errors"][0]["code"], "unknown");
        let id = world.registers(&order_for(&payment)).await;
        world.order_becomes(id, "fulfilled").await;
        let order = format!("/capi/v1/client/order/status/{id}");
        stranger.get(&order).await.problem(404);
    }

    async fn a_pending_payment_is_asked_about_before_an_order_claims_it(world) {
        let payment = world.starts_payment().await;
        let body = order_for(&payment);
        let (status, told) = world.tries_to_register(&body).await.unwrap_err();
        assert_eq!((status, &told["code"]), (409, &json!("state_conflict")));
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        world.payer_approves(&payment).await;
        // An answer of the provider is reused for a second; the timer looks much later.
        let id = wait_for("the order is accepted", Duration::from_secs(10), async || {
            world.tries_to_register(&body).await.ok()
        })
        .await;
        world.order_becomes(id, "fulfilled").await;
    }

    async fn a_final_refusal_fails_the_order_and_frees_the_claim(world) {
        let payment = world.has_authorized().await;
        world.provider_rules(json!({ "refuseCaptures": true })).await;
        let id = world.registers(&order_for(&payment)).await;
        wait_for("the order fails", Duration::from_secs(20), async || {
            world.clock.advance(TimeDelta::minutes(2));
            (world.order_status(id).await.order.status.as_str() == "failed").then_some(())
        })
        .await;
        let told = world.events_of_order(id).await;
        assert_eq!(told, ["order.registered", "order.failed"]);
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 3, "five would lock it");
        let stored = world.stored(&payment).await;
        assert!(!stored.claimed && stored.release_at.is_some(), "rule 3 applies again");
    }
}
