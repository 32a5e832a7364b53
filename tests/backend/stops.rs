//! What ends an agreement, and what keeps it from being ended (CONTRACT 8.3).

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use mcpay::payments::ports::PaymentStore as _;
use mcpay::ports::Clock as _;
use mcpay::wiring::providers;
use mcpay_port::{AgreementRef, Operation, OperationId};
use serde_json::json;
use uuid::Uuid;

use super::merchant::{Merchant, payment_of, subscription};
use crate::on_both_databases;
use crate::support::orders::order;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

const SOON: Duration = Duration::from_secs(20);

impl World {
    /// The payer's token is deleted at the provider, and nobody tells.
    async fn token_is_deleted(&self, first: &StartedPayment) {
        let opened = self.stored(first).await.agreement.expect("an agreement").id;
        let store = &self.built.store;
        let agreement = store.find_agreement(opened).await.expect("the store");
        let token = store.find_agreement_token(opened).await.expect("the store");
        let agreement = AgreementRef {
            token: token.expect("it is active"),
            payer_reference: agreement.expect("an agreement").payer_reference,
        };
        let operation = Operation {
            id: OperationId(Uuid::new_v4()),
            number: 1,
        };
        let account = self.stored(first).await.account;
        let account = self
            .built
            .app
            .registry
            .account(account)
            .expect("it is loaded");
        let adapter = Arc::clone(&providers(&self.http)[&account.account.provider]);
        let stopped = adapter.stop(&account.account, operation, &agreement).await;
        stopped.expect("it is deleted");
    }
}

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

    async fn an_agreement_whose_token_is_gone_ends_with_the_next_charge_and_calls_off_those_that_wait(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = merchant.has_subscriber().await;
        let day = (world.clock.now() + TimeDelta::days(3)).format("%Y-%m-%d").to_string();
        let waits = merchant.charges(&agreement, json!({ "dueDate": day })).await.expect(202).json();
        let waits = payment_of(&waits);
        world.token_is_deleted(&first).await;

        let charge = merchant.charges(&agreement, json!({})).await.expect(200).json();

        assert_eq!(charge["status"], "failure");
        let read = merchant.gets(&format!("agreement/{agreement}")).await.expect(200).json();
        assert_eq!(read["status"], "stopped");
        let problem = merchant.charges(&agreement, json!({})).await.problem(409);
        assert_eq!(problem["code"], "state_conflict");
        let told = world.events_of(&first).await;
        assert_eq!(told.iter().filter(|kind| *kind == "agreement.stopped").count(), 1, "{told:?}");

        world.clock.advance(TimeDelta::days(4));

        let ended = world.becomes(&waits, "failure", SOON).await;
        assert_eq!(ended["reason"], "cancel");
        assert_eq!(world.count_calls(&waits.reference, "charge").await, 0, "nobody was asked");
    }

    async fn a_card_that_is_refused_ends_no_agreement(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = merchant.has_subscriber().await;

        let charge = merchant.charges(&agreement, json!({ "amount": "9003.61" })).await.expect(200).json();

        assert_eq!(charge["status"], "failure");
        let read = merchant.gets(&format!("agreement/{agreement}")).await.expect(200).json();
        assert_eq!(read["status"], "active");
        let told = world.events_of(&first).await;
        assert!(!told.iter().any(|kind| kind == "agreement.stopped"), "{told:?}");
    }
}
