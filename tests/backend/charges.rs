//! Agreements: charged at once, on a day, declined, and stopped (CONTRACT 8.4).

use std::time::Duration;

use chrono::TimeDelta;
use mcpay::ports::Clock as _;
use serde_json::json;
use uuid::Uuid;

use super::merchant::{Merchant, payment_of};
use crate::on_both_databases;

const SOON: Duration = Duration::from_secs(20);

on_both_databases! {
    async fn a_charge_is_a_payment_of_its_own_and_captured_at_once(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = merchant.has_subscriber().await;

        let charge = merchant.charges(&agreement, json!({})).await.expect(200).json();

        assert_eq!((&charge["status"], &charge["agreementId"]), (&json!("success"), &json!(agreement)));
        let payment = payment_of(&charge);
        // No order and nobody else has to ask for it.
        let read = merchant.sees(&payment, "captured").await;
        assert_eq!(read["capturedAmount"], "349.00");
        assert_eq!(read["agreementId"], json!(agreement));
        let events = world.events_of(&payment).await;
        assert_eq!(events.first().map(String::as_str), Some("payment.initiated"));
        assert_eq!(events.last().map(String::as_str), Some("payment.captured"));
        assert_eq!(world.count_calls(&payment.reference, "charge").await, 1);
    }

    async fn a_declined_charge_is_a_failure_and_takes_nothing(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = merchant.has_subscriber().await;

        let charge = merchant.charges(&agreement, json!({ "amount": "9003.61" })).await.expect(200).json();

        assert_eq!(charge["status"], "failure");
        let read = merchant.reads(&payment_of(&charge)).await;
        assert_eq!((&read["reason"], &read["capturedAmount"]), (&json!("declined"), &json!("0.00")));
        assert_eq!(world.events_of(&payment_of(&charge)).await, ["payment.initiated", "payment.failed"]);
    }

    async fn a_scheduled_charge_waits_for_its_day(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = merchant.has_subscriber().await;
        let day = (world.clock.now() + TimeDelta::days(3)).format("%Y-%m-%d").to_string();

        let charge = merchant.charges(&agreement, json!({ "dueDate": day })).await.expect(202).json();
        assert_eq!(charge["status"], "pending");
        let payment = payment_of(&charge);
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(world.status(&payment).await["status"], "pending");
        assert_eq!(world.count_calls(&payment.reference, "charge").await, 0);

        world.clock.advance(TimeDelta::days(3));

        world.becomes(&payment, "success", SOON).await;
        assert_eq!(world.count_calls(&payment.reference, "charge").await, 1, "and only once");
    }

    async fn a_stopped_agreement_cannot_be_charged(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = merchant.has_subscriber().await;

        let stopped = merchant.asks(&format!("agreement/{agreement}/stop"), &json!({})).await.expect(200);

        assert_eq!(stopped.json(), json!({ "agreementId": agreement, "status": "stopped" }));
        let read = merchant.gets(&format!("agreement/{agreement}")).await.expect(200).json();
        assert_eq!(read["status"], "stopped");
        assert!(read["stoppedAt"].is_string(), "{read}");
        let problem = merchant.charges(&agreement, json!({})).await.problem(409);
        assert_eq!(problem["code"], "state_conflict");
    }

    async fn an_agreement_tells_its_price_and_the_payment_that_opened_it(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = merchant.has_subscriber().await;
        let read = merchant.gets(&format!("agreement/{agreement}")).await.expect(200).json();
        assert_eq!((&read["status"], &read["amount"]), (&json!("active"), &json!("349.00")));
        assert_eq!(read["mcPayRef"], json!(first.reference));
    }

    async fn an_external_reference_is_used_up_by_a_charge_too(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = merchant.has_subscriber().await;
        let same = json!({ "externalReference": "subscriber-7/2026-12" });
        merchant.charges(&agreement, same.clone()).await.expect(200);
        let problem = merchant.charges(&agreement, same).await.problem(409);
        assert_eq!(problem["code"], "external_reference_used");
    }

    async fn every_broken_member_of_a_charge_is_told_at_once(world) {
        let merchant = Merchant::of(world).await;
        let path = format!("agreement/{}/charge", Uuid::new_v4());
        let body = json!({ "amount": "x", "dueDate": "tomorrow", "vatAmount": -1 });
        let problem = merchant.asks(&path, &body).await.problem(400);
        let fields: Vec<_> = problem["errors"].as_array().unwrap().iter()
            .map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["externalReference", "amount", "vatAmount", "description", "dueDate"]);
    }

    async fn another_currency_than_the_agreements_is_refused(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = merchant.has_subscriber().await;
        let problem = merchant.charges(&agreement, json!({ "currency": "SEK" })).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], "currency");
    }
}
