//! A refund at Nexi is accepted first and carried out later, or never (CONTRACT 8.12).

use serde_json::{Value, json};

use super::{PAYS, REFUND_FAILS, SOON, nexis_clock_shows, page_of, redirect, types_card, with};
use crate::backend::merchant::Merchant;
use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::StartedPayment;

/// The simulator's amount for a refund that stays pending for a minute.
const PENDING: &str = "9003.77";

/// A payment of 10,000 with this card, captured.
async fn has_captured(merchant: &Merchant<'_>, card: &str) -> StartedPayment {
    let world = merchant.world;
    let payment = world
        .starts(with(redirect(), json!({ "amount": 10_000 })))
        .await;
    types_card(world, &page_of(&payment), card).await;
    world.becomes(&payment, "success", SOON).await;
    merchant
        .does("capture", &payment, json!({}))
        .await
        .expect(200);
    payment
}

/// Waits until the newest refund of the payment stands like `status`, and reads the payment.
async fn refund_becomes(merchant: &Merchant<'_>, payment: &StartedPayment, status: &str) -> Value {
    wait_for(&format!("the refund is {status}"), SOON, async || {
        let read = merchant.reads(payment).await;
        let operations = read["operations"].as_array().unwrap();
        let refund = operations.iter().find(|one| one["kind"] == "refund");
        (refund.unwrap()["status"] == status).then(|| read.clone())
    })
    .await
}

on_both_databases! {
    async fn refunds_add_up_and_are_told_once_they_are_carried_out(world) {
        let merchant = Merchant::of(world).await;
        let payment = has_captured(&merchant, PAYS).await;
        for part in ["2500.00", "2500.00"] {
            let answer = merchant.does("refund", &payment, json!({ "amount": part })).await.expect(202);
            assert_eq!(answer.json()["status"], "accepted");
            refund_becomes(&merchant, &payment, "done").await;
        }
        let problem = merchant.does("refund", &payment, json!({ "amount": "5000.01" })).await.problem(409);
        assert_eq!(problem["code"], "amount_exceeded");
        let read = merchant.reads(&payment).await;
        assert_eq!(read["refundedAmount"], "5000.00");
        let told = world.events_of(&payment).await;
        assert_eq!(told.iter().filter(|kind| *kind == "payment.refunded").count(), 2, "{told:?}");
    }

    async fn a_pending_refund_uses_up_its_amount_and_is_not_told_before_its_end(world) {
        let merchant = Merchant::of(world).await;
        let payment = has_captured(&merchant, PAYS).await;
        merchant.does("refund", &payment, json!({ "amount": PENDING })).await.expect(202);

        let read = refund_becomes(&merchant, &payment, "accepted").await;
        assert_eq!(read["refundedAmount"], "0.00");
        let problem = merchant.does("refund", &payment, json!({ "amount": "996.24" })).await.problem(409);
        assert_eq!(problem["code"], "amount_exceeded");
        assert!(!world.events_of(&payment).await.contains(&"payment.refunded".to_owned()));
        nexis_clock_shows(world, 61).await;

        let read = refund_becomes(&merchant, &payment, "done").await;
        assert_eq!(read["refundedAmount"], PENDING);
        assert_eq!(world.events_of(&payment).await.last().unwrap(), "payment.refunded");
        assert_eq!(world.count_calls(&payment.reference, "refund").await, 1, "sent once");
    }

    async fn a_refund_that_fails_later_is_told_and_gives_its_amount_back(world) {
        let merchant = Merchant::of(world).await;
        let payment = has_captured(&merchant, REFUND_FAILS).await;
        merchant.does("refund", &payment, json!({ "amount": PENDING })).await.expect(202);
        refund_becomes(&merchant, &payment, "accepted").await;

        nexis_clock_shows(world, 61).await;

        let read = refund_becomes(&merchant, &payment, "failed").await;
        assert_eq!((&read["refundedAmount"], &read["state"]), (&json!("0.00"), &json!("captured")));
        let told = world.events_of(&payment).await;
        assert_eq!(told.last().map(String::as_str), Some("payment.refund_failed"), "{told:?}");
        assert!(!told.contains(&"payment.refunded".to_owned()));
        // The money can be given back by another refund, which is one of its own.
        merchant.does("refund", &payment, json!({})).await.expect(202);
        wait_for("both failures are told", SOON, async || {
            let told = world.events_of(&payment).await;
            let failures = told.iter().filter(|kind| *kind == "payment.refund_failed").count();
            (failures == 2).then_some(())
        })
        .await;
        assert_eq!(world.count_calls(&payment.reference, "refund").await, 2);
    }
}
