//! What happens when nothing breaks.

use chrono::TimeDelta;
use futures_util::future::join_all;
use mcpay::payments::payment::Status;
use mcpay_port::PaymentRef;
use rust_decimal::Decimal;
use serde_json::json;

use super::{Plain, SOON, asked};
use crate::on_both_databases;
use crate::support::witness::wait_for;

on_both_databases! {
    async fn an_immediate_payment_is_captured_as_soon_as_it_is_authorised(world) {
        world.captures_immediately().await;
        let payment = world.authorized(json!({})).await;

        let captured = world.stands_as(&payment, Status::Captured).await;

        assert_eq!(captured.amounts.captured, captured.amount);
        wait_for("nothing is expected any more", SOON, async || {
            world.stored(&payment).await.inquire_at.is_none().then_some(())
        })
        .await;
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 1);
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized", "payment.captured"]
        );
    }

    async fn what_no_order_claims_in_time_is_released(world) {
        let payment = world.authorized(json!({})).await;
        assert_eq!(world.payment(&payment.reference).await.status, Status::Authorized);

        world.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));

        let released = world.stands_as(&payment, Status::Cancelled).await;
        assert_eq!(released.amounts.cancelled, released.amount);
        assert_eq!(released.release_at, None);
        assert_eq!(world.count_calls(&payment.reference, "cancel").await, 1);
    }

    async fn parts_are_captured_until_nothing_is_left_and_a_key_is_answered_once(world) {
        let payment = world.authorized(json!({})).await;
        let first = world.capture("one", &payment, Some(100)).await;
        assert!(first.starts_with("Done"), "{first}");
        assert_eq!(world.capture("one", &payment, Some(100)).await, first, "replayed");
        let too_much = world.capture("two", &payment, Some(300)).await;
        assert!(too_much.starts_with("AmountExceeded { left: 249.00 NOK"), "{too_much}");
        let rest = world.capture("three", &payment, None).await;
        assert!(rest.starts_with("Done"), "{rest}");
        let nothing = world.capture("four", &payment, None).await;
        assert!(nothing.starts_with("StateConflict"), "{nothing}");
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 2);
        let stored = world.stands_as(&payment, Status::Captured).await;
        assert_eq!(stored.amounts.captured, stored.amount);
    }

    async fn of_64_refunds_that_race_for_the_money_of_50_exactly_50_succeed(world) {
        let payment = world.authorized(json!({ "amount": 100 })).await;
        world.capture("all", &payment, None).await;
        let reference: PaymentRef = payment.reference.parse().unwrap();
        let racers = (0..64).map(|at| {
            let payments = world.built.app.payments.clone();
            tokio::spawn(async move {
                let two = Some(Decimal::from(2));
                let asked = asked(&format!("refund-{at}"));
                let answer = payments.refund(&asked, reference, None, two, &Plain).await;
                answer.unwrap().body
            })
        });
        let told: Vec<String> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
        let count = |start: &str| told.iter().filter(|told| told.starts_with(start)).count();
        assert_eq!((count("Done"), count("AmountExceeded")), (50, 14), "{told:?}");
        assert_eq!(world.count_calls(&payment.reference, "refund").await, 50);
        let stored = world.stands_as(&payment, Status::Refunded).await;
        assert_eq!(stored.amounts.refunded, stored.amounts.captured);
    }

    async fn an_agreement_is_charged_and_stopped_once(world) {
        world.captures_immediately().await;
        let agreement = world.agreement().await;

        let told = world.charge("charge", agreement, None).await;
        assert!(told.contains("status: Success"), "{told}");
        let charge = world.charged().await;
        world.stands_as(&charge, Status::Captured).await;
        assert_eq!(world.charge("charge", agreement, None).await, told, "replayed");

        let payments = &world.built.app.payments;
        for key in ["one", "two"] {
            let told = payments.stop(&asked(key), agreement, &Plain).await.unwrap().body;
            assert_eq!(told, format!("Stopped({agreement})"));
        }
        let told = world.charge("late", agreement, None).await;
        assert!(told.starts_with("StateConflict"), "{told}");
    }

    async fn a_charge_with_a_due_date_is_made_on_its_day_and_once(world) {
        world.captures_immediately().await;
        let agreement = world.agreement().await;
        let told = world.charge("charge", agreement, Some(3)).await;
        assert!(told.contains("status: Pending"), "{told}");
        let charge = world.charged().await;
        assert_eq!(world.completes(&charge).await["status"], "pending");
        assert_eq!(world.provider_saw(&charge.reference).await, Vec::<String>::new());

        world.clock.advance(TimeDelta::days(4));

        world.stands_as(&charge, Status::Captured).await;
        assert_eq!(world.count_calls(&charge.reference, "charge").await, 1);
    }
}
