//! What ends an agreement, and what keeps it from being ended (CONTRACT 8.3).

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::merchant::{Merchant, subscription};
use crate::on_both_databases;
use crate::support::orders::order;
use crate::support::witness::wait_for;

const SOON: Duration = Duration::from_secs(20);

on_both_databases! {
    async fn an_agreement_ends_when_nobody_claims_its_first_payment(world) {
        let first = world.starts(subscription()).await;
        world.payer_approves(&first).await;
        world.completes(&first).await;
        let agreement = Merchant::of(world).await.reads(&first).await["agreementId"].clone();
        let agreement = agreement.as_str().unwrap().to_owned();

        world.clock.advance(TimeDelta::hours(25));

        // Its token is from yesterday.
        let merchant = Merchant::of(world).await;
        merchant.sees(&first, "cancelled").await;
        wait_for("the agreement is stopped", SOON, async || {
            let read = merchant.gets(&format!("agreement/{agreement}")).await.expect(200).json();
            (read["status"] == "stopped").then_some(())
        })
        .await;
        let problem = merchant.charges(&agreement, json!({})).await.problem(409);
        assert_eq!(problem["code"], "state_conflict");
        let told: Vec<_> = world.all_events().await.into_iter().map(|event| event.kind).collect();
        for kind in ["payment.cancelled", "agreement.stopped"] {
            assert_eq!(told.iter().filter(|told| *told == kind).count(), 1, "{told:?}");
        }
    }

    async fn an_agreement_is_not_stopped_while_an_order_waits_for_its_money(world) {
        let first = world.starts(subscription()).await;
        world.payer_approves(&first).await;
        world.completes(&first).await;
        let merchant = Merchant::of(world).await;
        let agreement = merchant.reads(&first).await["agreementId"].clone();
        let stop = format!("agreement/{}/stop", agreement.as_str().unwrap());
        world.provider_rules(json!({ "refuseCaptures": true })).await;
        let lines = json!([{ "productSpecCode": "TOTT", "productSpecNo": 1, "unitPrice": 1 }]);
        let body = order(&json!({
            "mcPayRef": first.reference, "recurring": true, "orderAmount": 1, "orderLines": lines,
        }));
        let id = world.registers(&body).await;

        let problem = merchant.asks_bare(Some("early"), &stop).await.problem(409);
        assert_eq!(problem["code"], "state_conflict");

        world.provider_rules(json!({ "refuseCaptures": false })).await;
        wait_for("the order is fulfilled", SOON, async || {
            world.clock.advance(TimeDelta::minutes(2));
            (world.order_status(id).await.order.status.as_str() == "fulfilled").then_some(())
        })
        .await;
        merchant.asks_bare(Some("later"), &stop).await.expect(200);
    }
}
