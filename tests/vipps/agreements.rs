//! Agreements at Vipps: charged on their day, which the provider keeps, refunded, and stopped.

use chrono::{TimeDelta, Utc};
use mcpay::ports::Clock as _;
use serde_json::json;

use super::stage::{SOON, day, free_start, has_subscriber};
use crate::backend::merchant::{Merchant, payment_of};
use crate::on_both_databases;

on_both_databases! {
    async fn a_charge_is_kept_by_the_provider_until_its_day_and_refunded_after(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant).await;

        let due = json!({ "dueDate": day(world, 3) });
        let charge = merchant.charges(&agreement, due).await.expect(202).json();
        assert_eq!(charge["status"], "pending");
        let payment = payment_of(&charge);
        assert_eq!(world.count_calls(&payment.reference, "charge").await, 1, "it is there at once");
        let looks = world.stored(&payment).await.inquire_at.expect("a look is planned");
        assert!(looks > world.clock.now() + TimeDelta::days(1), "not before its day: {looks}");

        world.time_passes_at_vipps(TimeDelta::days(4)).await;

        world.becomes(&payment, "success", SOON).await;
        merchant.sees(&payment, "captured").await;
        let events = world.events_of(&payment).await;
        assert_eq!(events, ["payment.initiated", "payment.authorized", "payment.captured"]);
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 0, "the provider took it");
        merchant.does("refund", &payment, json!({ "amount": "49.00" })).await.expect(200);
        assert_eq!(merchant.reads(&payment).await["refundedAmount"], "49.00");
    }

    async fn without_a_day_it_is_the_first_that_the_provider_takes(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant).await;
        let charge = merchant.charges(&agreement, json!({})).await.expect(202).json();
        world.time_passes_at_vipps(TimeDelta::days(3)).await;
        world.becomes(&payment_of(&charge), "success", SOON).await;
    }

    async fn its_day_is_known_by_the_timer_when_no_webhook_tells(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant).await;
        let charge = merchant.charges(&agreement, json!({ "dueDate": day(world, 3) })).await;
        let payment = payment_of(&charge.expect(202).json());
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        world.time_passes_at_vipps(TimeDelta::days(4)).await;
        assert_eq!(world.status(&payment).await["status"], "pending");

        world.clock.advance(TimeDelta::days(4));

        world.becomes(&payment, "success", SOON).await;
    }

    async fn a_charge_that_fails_on_all_its_days_is_declined(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant).await;
        let poor = json!({ "amount": "1.51", "dueDate": day(world, 2) });
        let charge = merchant.charges(&agreement, poor).await.expect(202).json();

        world.time_passes_at_vipps(TimeDelta::days(8)).await;

        let ended = world.becomes(&payment_of(&charge), "failure", SOON).await;
        assert_eq!(ended["reason"], "declined");
    }

    async fn an_agreement_is_stopped_and_charged_no_more(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = has_subscriber(&merchant).await;

        merchant.asks(&format!("agreement/{agreement}/stop"), &json!({})).await.expect(200);

        let read = merchant.gets(&format!("agreement/{agreement}")).await.expect(200).json();
        assert_eq!(read["status"], "stopped");
        assert_eq!(merchant.charges(&agreement, json!({})).await.problem(409)["code"], "state_conflict");
        assert_eq!(merchant.reads(&first).await["capturedAmount"], "1.00", "what was taken stays");
    }

    async fn a_repeated_charge_bears_the_same_key_and_day(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant).await;
        let due = day(world, 3);
        world.provider_behaves(json!({ "failRate": 1 })).await;
        let charge = merchant.charges(&agreement, json!({ "dueDate": due })).await;
        let problem = charge.problem(504);
        let payment = payment_of(&problem);
        world.provider_behaves(json!({ "failRate": 0 })).await;

        // Its owner is waited for before it is called again, on the next day.
        world.clock.advance(TimeDelta::hours(20));
        crate::support::witness::wait_for("it is charged", SOON, async || {
            let stored = world.stored(&payment).await;
            stored.provider_ref
        })
        .await;

        let path = format!("/sandbox/vipps/_calls?reference={}", payment.reference);
        let calls = world.get(&path).await.json();
        let keys: std::collections::HashSet<_> = calls.as_array().unwrap().iter()
            .filter(|call| call["operation"] == "charge")
            .map(|call| call["idempotencyKey"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(keys.len(), 1, "{calls}");
        world.time_passes_at_vipps(TimeDelta::days(4)).await;
        world.becomes(&payment, "success", SOON).await;
    }
}

mod a_subscription_that_starts_with_nothing {
    use super::*;

    on_both_databases! {
        async fn only_registers_and_is_charged_later(world) {
            let merchant = Merchant::of(world).await;
            world.is_registered().await;
            let first = world.starts(free_start()).await;
            world.payer_approves(&first).await;
            world.becomes(&first, "success", SOON).await;
            assert_eq!(world.events_of(&first).await, ["payment.initiated", "agreement.activated"]);
            let agreement = merchant.reads(&first).await["agreementId"].as_str().unwrap().to_owned();
            let charge = merchant.charges(&agreement, json!({ "dueDate": day(world, 2) })).await;
            world.time_passes_at_vipps(TimeDelta::days(3)).await;
            world.becomes(&payment_of(&charge.expect(202).json()), "success", SOON).await;
        }

        async fn has_failed_when_it_is_stopped_before_we_could_look(world) {
            world.provider_behaves(json!({ "dropCallbacks": true })).await;
            let first = world.starts(free_start()).await;
            world.payer_approves(&first).await;
            world.payer_stops_at_vipps(&first).await;
            let ended = world.completes(&first).await;
            assert_eq!((&ended["status"], &ended["reason"]), (&json!("failure"), &json!("cancel")));
            assert_eq!(world.events_of(&first).await, ["payment.initiated", "payment.cancelled"]);
            assert_eq!(world.stored(&first).await.inquire_at, None);
            assert!(world.clock.now() >= Utc::now() - TimeDelta::seconds(1));
        }
    }
}
