//! Stored cards: opened by a first payment or a mere registration, charged by the backend, and
//! stopped by forgetting them, because Nexi has no such call (CONTRACT 8.1, 8.4).

use chrono::TimeDelta;
use mcpay::payments::ports::PaymentStore as _;
use mcpay_port::AgreementId;
use serde_json::{Value, json};

use super::{SOON, at_nexi, subscription, with};
use crate::backend::merchant::{Merchant, payment_of};
use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

/// A first payment that the payer approved, and its agreement.
async fn has_subscriber(merchant: &Merchant<'_>, wish: Value) -> (StartedPayment, String) {
    let world = merchant.world;
    let first = world.starts(wish).await;
    world.payer_approves(&first).await;
    world.becomes(&first, "success", SOON).await;
    let agreement = merchant.reads(&first).await["agreementId"].clone();
    (first, agreement.as_str().expect("an agreement").to_owned())
}

async fn stops(merchant: &Merchant<'_>, agreement: &str) {
    let path = format!("agreement/{agreement}/stop");
    merchant.asks(&path, &json!({})).await.expect(200);
}

/// Whether the service still knows what the agreement is charged with.
async fn is_known(world: &World, agreement: &str) -> bool {
    let id = AgreementId(agreement.parse().unwrap());
    let token = world.built.store.find_agreement_token(id).await;
    token.unwrap().is_some()
}

on_both_databases! {
    async fn a_subscription_is_opened_charged_refunded_and_stopped(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = has_subscriber(&merchant, subscription()).await;
        assert_eq!(
            world.events_of(&first).await,
            ["payment.initiated", "payment.authorized", "agreement.activated"]
        );
        assert_eq!(at_nexi(world, &first).await["summary"]["reservedAmount"], 100, "the start amount");

        let charge = merchant.charges(&agreement, json!({})).await.expect(200).json();
        let charge = payment_of(&charge);
        assert_eq!(merchant.sees(&charge, "captured").await["capturedAmount"], "349.00");
        assert_eq!(world.count_calls(&charge.reference, "charge").await, 1);
        assert_eq!(world.count_calls(&charge.reference, "capture").await, 0, "Nexi has taken it");

        merchant.does("refund", &charge, json!({ "amount": "174.50" })).await.expect(202);
        wait_for("the refund is done", SOON, async || {
            (merchant.reads(&charge).await["refundedAmount"] == "174.50").then_some(())
        })
        .await;

        stops(&merchant, &agreement).await;
        assert!(world.events_of(&first).await.contains(&"agreement.stopped".to_owned()));
    }

    async fn a_stopped_agreement_is_forgotten_and_its_charges_are_refused_here(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant, subscription()).await;
        assert!(is_known(world, &agreement).await);

        stops(&merchant, &agreement).await;

        assert!(!is_known(world, &agreement).await, "only forgetting ends it at Nexi");
        let reference = "after-the-end";
        let answer = merchant.charges(&agreement, json!({ "externalReference": reference })).await;
        let problem = answer.problem(409);
        assert_eq!(problem["code"], "state_conflict");
        assert!(problem["detail"].as_str().unwrap().contains("stopped"), "{problem}");
        let found = merchant.gets(&format!("payment?externalReference={reference}")).await.expect(200);
        assert!(!found.text.contains(reference), "nothing was begun: {}", found.text);
        stops(&merchant, &agreement).await;
    }

    async fn a_charge_of_a_stopped_agreement_can_still_be_refunded(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant, subscription()).await;
        let charge = payment_of(&merchant.charges(&agreement, json!({})).await.expect(200).json());
        merchant.sees(&charge, "captured").await;
        stops(&merchant, &agreement).await;

        merchant.does("refund", &charge, json!({})).await.expect(202);

        assert_eq!(merchant.sees(&charge, "refunded").await["refundedAmount"], "349.00");
    }

    async fn a_declined_charge_is_a_failure_and_takes_nothing(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant, subscription()).await;
        for amount in ["9003.61", "9003.62"] {
            let charge = merchant.charges(&agreement, json!({ "amount": amount })).await.expect(200).json();
            assert_eq!(charge["status"], "failure");
            assert_eq!(merchant.reads(&payment_of(&charge)).await["reason"], "declined");
        }
    }

    async fn a_registration_takes_nothing_and_opens_the_agreement(world) {
        let merchant = Merchant::of(world).await;
        let wish = with(subscription(), json!({ "subscriptionStartAmount": 0 }));
        let (first, agreement) = has_subscriber(&merchant, wish).await;
        assert_eq!(world.events_of(&first).await, ["payment.initiated", "agreement.activated"]);
        assert_eq!(at_nexi(world, &first).await["summary"], json!({}));

        let charge = merchant.charges(&agreement, json!({})).await.expect(200).json();

        assert_eq!(charge["status"], "success");
    }

    async fn an_agreement_is_not_stopped_while_a_charge_is_in_doubt(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant, subscription()).await;
        let stop = format!("agreement/{agreement}/stop");
        world.provider_behaves(json!({ "timeoutRate": 1 })).await;
        let lost = merchant.charges(&agreement, json!({})).await.problem(504);
        let charge = payment_of(&lost);

        let problem = merchant.asks(&stop, &json!({})).await.problem(409);
        assert_eq!(problem["code"], "state_conflict");
        assert!(is_known(world, &agreement).await, "else nobody could ask what became of it");
        world.provider_behaves(json!({ "timeoutRate": 0 })).await;

        wait_for("the charge has ended", SOON, async || {
            world.clock.advance(TimeDelta::seconds(30));
            (world.status(&charge).await["status"] != "pending").then_some(())
        })
        .await;
        assert_eq!(world.status(&charge).await["status"], "success", "the provider had made it");
        wait_for("it can be stopped", SOON, async || {
            let answer = merchant.asks(&stop, &json!({})).await;
            (answer.status == 200).then_some(())
        })
        .await;
    }

    async fn a_charge_that_races_with_a_stop_is_made_or_refused_and_never_lost(world) {
        let merchant = Merchant::of(world).await;
        let (_, agreement) = has_subscriber(&merchant, subscription()).await;
        let (stop, nothing) = (format!("agreement/{agreement}/stop"), json!({}));

        let stopping = merchant.asks(&stop, &nothing);
        let (charge, stopped) = tokio::join!(merchant.charges(&agreement, json!({})), stopping);

        match charge.status {
            200 | 202 => {
                let charge = payment_of(&charge.json());
                world.becomes(&charge, "success", SOON).await;
                assert_eq!(world.count_calls(&charge.reference, "charge").await, 1);
            }
            _ => assert_eq!(charge.problem(409)["code"], "state_conflict"),
        }
        if stopped.status == 200 {
            assert!(!is_known(world, &agreement).await);
            merchant.charges(&agreement, json!({})).await.problem(409);
        } else {
            assert_eq!(stopped.problem(409)["code"], "state_conflict");
            assert!(is_known(world, &agreement).await);
        }
    }
}
