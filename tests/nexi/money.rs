//! What follows the authorisation: an order takes the money, a backend takes parts of it and releases
//! the rest.

use serde_json::json;

use super::{SOON, at_nexi, redirect};
use crate::backend::merchant::Merchant;
use crate::on_both_databases;
use crate::support::orders::order;
use crate::support::world::{StartedPayment, World};

async fn has_authorized(world: &World) -> StartedPayment {
    let payment = world.starts(redirect()).await;
    world.payer_approves(&payment).await;
    world.becomes(&payment, "success", SOON).await;
    payment
}

on_both_databases! {
    async fn an_order_takes_the_money(world) {
        let payment = has_authorized(world).await;
        let body = order(&json!({ "mcPayRef": payment.reference, "paymentMethod": "nexi", "prepaid": true }));

        let id = world.registers(&body).await;

        world.order_becomes(id, "fulfilled").await;
        assert_eq!(at_nexi(world, &payment).await["summary"]["chargedAmount"], 34_900);
        let told = world.events_of(&payment).await;
        assert!(told.contains(&"payment.captured".to_owned()), "{told:?}");
        assert_eq!(world.events_of_order(id).await, ["order.registered", "order.fulfilled"]);
    }

    async fn parts_are_captured_and_the_rest_is_released(world) {
        let merchant = Merchant::of(world).await;
        let payment = has_authorized(world).await;
        for part in ["100.00", "49.50"] {
            let answer = merchant.does("capture", &payment, json!({ "amount": part })).await.expect(200);
            assert_eq!(answer.json()["status"], "done");
        }
        let problem = merchant.does("capture", &payment, json!({ "amount": "199.51" })).await.problem(409);
        assert_eq!(problem["code"], "amount_exceeded");

        merchant.does("cancel", &payment, json!({})).await.expect(200);

        let read = merchant.reads(&payment).await;
        assert_eq!(read["capturedAmount"], "149.50");
        assert_eq!(read["cancelledAmount"], "199.50");
        let summary = &at_nexi(world, &payment).await["summary"];
        assert_eq!((&summary["chargedAmount"], &summary["cancelledAmount"]), (&json!(14_950), &json!(19_950)));
    }
}
