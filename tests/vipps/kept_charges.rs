//! Charges that the provider keeps until their day, tries again on the days after it, and ends by
//! itself: we neither close them before, nor lose one whose answer was lost (CONTRACT 8.4, 8.8).

use chrono::{DateTime, TimeDelta, Utc};
use mcpay::payments::operation::{OperationKind, OperationStatus, StoredOperation};
use mcpay::payments::payment::Status;
use mcpay::payments::ports::PaymentStore as _;
use mcpay::ports::Clock as _;
use serde_json::{Value, json};

use super::stage::{SOON, Webhook, day, has_subscriber, one_time};
use crate::backend::merchant::{Merchant, payment_of};
use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, Wish, World};

/// A charge that the provider has taken over, and which waits for its day.
async fn waits(merchant: &Merchant<'_>, charge: Value) -> StartedPayment {
    let (_, agreement) = has_subscriber(merchant).await;
    let charge = merchant.charges(&agreement, charge).await;
    payment_of(&charge.expect(202).json())
}

/// A charge whose call was never answered, and of which nothing is known.
async fn is_lost(merchant: &Merchant<'_>, controls: Value, charge: Value) -> StartedPayment {
    let world = merchant.world;
    let (_, agreement) = has_subscriber(merchant).await;
    world.provider_behaves(controls).await;
    let answer = merchant.charges(&agreement, charge).await;
    world
        .provider_behaves(json!({ "failRate": 0, "timeoutRate": 0 }))
        .await;
    payment_of(&answer.problem(504))
}

/// The service's own clock moves, and its timer has closed what is late by then.
async fn time_passes_here(world: &World, by: TimeDelta) {
    let unpaid = world.starts(one_time()).await;
    world.clock.advance(by);
    world.becomes(&unpaid, "failure", SOON).await;
}

async fn is_now(world: &World, at: DateTime<Utc>) {
    time_passes_here(world, at - world.clock.now()).await;
}

async fn due_at(world: &World, charge: &StartedPayment) -> DateTime<Utc> {
    world.stored(charge).await.due_at.expect("its day is known")
}

/// The provider's clock is at so many hours after midnight UTC of the day that `at` is on.
async fn is_at_vipps(world: &World, at: DateTime<Utc>, hours: i64) {
    let midnight = at.date_naive().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let there = midnight + TimeDelta::hours(hours) - Utc::now();
    world.time_passes_at_vipps(there).await;
}

/// Nobody gave it up: neither here nor at the provider.
async fn still_waits(world: &World, charge: &StartedPayment) {
    assert_eq!(world.completes(charge).await["status"], "pending");
    assert_eq!(world.count_calls(&charge.reference, "cancel").await, 0);
    let read = Merchant::of(world).await.reads(charge).await;
    assert_eq!(
        (&read["status"], &read["state"]),
        (&json!("pending"), &json!("initiated"))
    );
}

async fn operation_of(world: &World, charge: &StartedPayment) -> StoredOperation {
    let reference = charge.reference.parse().unwrap();
    let operations = world.built.store.find_operations(reference).await;
    let mut operations = operations.expect("the store").into_iter();
    let charging = operations.find(|one| one.kind == OperationKind::Charge);
    charging.expect("it was intended")
}

on_both_databases! {
    async fn one_without_a_day_waits_longer_than_a_payer_may_and_is_taken(world) {
        let merchant = Merchant::of(world).await;
        let charge = waits(&merchant, json!({})).await;

        time_passes_here(world, TimeDelta::hours(2)).await;

        still_waits(world, &charge).await;
        let due = due_at(world, &charge).await;
        assert!(due > world.clock.now(), "{due}");
        assert_eq!(world.stored(&charge).await.inquire_at, Some(due), "nobody asks before its day");
        world.clock.advance(TimeDelta::days(2));
        world.time_passes_at_vipps(TimeDelta::days(2)).await;
        world.becomes(&charge, "success", SOON).await;
    }

    async fn no_page_can_give_it_up(world) {
        let merchant = Merchant::of(world).await;
        let charge = waits(&merchant, json!({ "dueDate": day(world, 3) })).await;

        assert_eq!(world.cancels(&charge).await["status"], "pending");
        world.comes_back(&charge, "via=cancel").await;

        still_waits(world, &charge).await;
    }

    async fn a_day_that_is_today_is_the_first_that_the_provider_takes(world) {
        let merchant = Merchant::of(world).await;
        let charge = waits(&merchant, json!({ "dueDate": day(world, 0) })).await;
        assert!(due_at(world, &charge).await > world.clock.now());
    }

    async fn a_first_try_in_vain_is_followed_by_those_of_the_next_days(world) {
        let merchant = Merchant::of(world).await;
        let poor = json!({ "amount": "1.51", "dueDate": day(world, 3) });
        let charge = waits(&merchant, poor).await;
        let due = due_at(world, &charge).await;

        is_at_vipps(world, due, 10).await;
        is_now(world, due + TimeDelta::hours(2)).await;
        still_waits(world, &charge).await;
        is_at_vipps(world, due, 24 + 20).await;
        is_now(world, due + TimeDelta::hours(36)).await;
        still_waits(world, &charge).await;

        is_at_vipps(world, due, 2 * 24 + 1).await;
        assert_eq!(world.becomes(&charge, "failure", SOON).await["reason"], "declined");
        assert_eq!(world.count_calls(&charge.reference, "cancel").await, 0);
    }

    async fn one_that_is_taken_late_on_its_day_is_a_success(world) {
        let merchant = Merchant::of(world).await;
        let charge = waits(&merchant, json!({ "dueDate": day(world, 3) })).await;
        let due = due_at(world, &charge).await;
        is_now(world, due + TimeDelta::hours(2)).await;
        still_waits(world, &charge).await;

        is_at_vipps(world, due, 17).await;

        world.becomes(&charge, "success", SOON).await;
    }

    async fn one_that_the_provider_never_ends_is_closed_when_all_its_days_are_over(world) {
        let merchant = Merchant::of(world).await;
        let charge = waits(&merchant, json!({ "dueDate": day(world, 2) })).await;
        let due = due_at(world, &charge).await;
        // The last try is made at the end of the second day after it, and a day is for what is late.
        is_now(world, due + TimeDelta::days(4) - TimeDelta::minutes(5)).await;
        still_waits(world, &charge).await;

        world.clock.advance(TimeDelta::minutes(10));

        let ended = world.becomes(&charge, "failure", SOON).await;
        assert_eq!(ended["reason"], "expired");
        assert_eq!(world.count_calls(&charge.reference, "cancel").await, 1);
    }

    async fn a_hint_before_its_day_is_followed_by_a_few_looks_and_the_rest_waits(world) {
        let merchant = Merchant::of(world).await;
        let charge = waits(&merchant, json!({ "dueDate": day(world, 3) })).await;
        let due = due_at(world, &charge).await;
        let asked = world.count_calls(&charge.reference, "inquire").await;
        let registration = world.is_registered().await;

        world.sends_webhook(&Webhook::about(&charge, &registration)).await.expect(200);

        world.provider_sees(&charge.reference, "inquire", asked + 1).await;
        wait_for("the next look is on its day", SOON, async || {
            world.clock.advance(TimeDelta::seconds(10));
            (world.stored(&charge).await.inquire_at == Some(due)).then_some(())
        })
        .await;
        assert!(world.clock.now() < due, "not because its day has come");
        let looks = world.count_calls(&charge.reference, "inquire").await - asked;
        assert!((2..=6).contains(&looks), "{looks}");
    }

    async fn one_that_was_cancelled_while_vipps_told_nothing_is_known_soon_after(world) {
        let merchant = Merchant::of(world).await;
        let charge = waits(&merchant, json!({ "dueDate": day(world, 3) })).await;
        let registration = world.is_registered().await;
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        let agreement = charge.answer["agreementId"].as_str().expect("an agreement");
        merchant.asks(&format!("agreement/{agreement}/stop"), &json!({})).await.expect(200);

        world.provider_behaves(json!({ "failRate": 1 })).await;
        world.sends_webhook(&Webhook::about(&charge, &registration)).await.expect(200);
        wait_for("it was asked for in vain", SOON, async || {
            (world.stored(&charge).await.inquiries > 0).then_some(())
        })
        .await;
        world.provider_behaves(json!({ "failRate": 0 })).await;

        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(world.becomes(&charge, "failure", SOON).await["reason"], "cancel");
    }

    async fn stopping_the_agreement_cancels_what_waits(world) {
        let merchant = Merchant::of(world).await;
        let charge = waits(&merchant, json!({ "dueDate": day(world, 3) })).await;
        let agreement = charge.answer["agreementId"].as_str().expect("an agreement");

        merchant.asks(&format!("agreement/{agreement}/stop"), &json!({})).await.expect(200);

        let ended = world.becomes(&charge, "failure", SOON).await;
        assert_eq!(ended["reason"], "cancel");
        assert_eq!(world.events_of(&charge).await, ["payment.initiated", "payment.cancelled"]);
    }

    async fn a_repetition_has_the_day_of_the_first_call(world) {
        let merchant = Merchant::of(world).await;
        let charge = is_lost(&merchant, json!({ "failRate": 1 }), json!({})).await;
        let due = due_at(world, &charge).await;

        world.clock.advance(TimeDelta::hours(20));

        wait_for("it is charged", SOON, async || world.stored(&charge).await.provider_ref).await;
        assert_eq!(due_at(world, &charge).await, due);
        world.time_passes_at_vipps(due - Utc::now()).await;
        world.becomes(&charge, "success", SOON).await;
    }

    async fn one_that_had_not_arrived_before_its_day_has_failed(world) {
        let merchant = Merchant::of(world).await;
        let charge = is_lost(&merchant, json!({ "failRate": 1 }), json!({})).await;

        world.time_passes_at_vipps(TimeDelta::days(3)).await;
        world.clock.advance(TimeDelta::days(3));

        assert_eq!(world.becomes(&charge, "failure", SOON).await["reason"], "error");
        let events = world.events_of(&charge).await;
        assert_eq!(events, ["payment.initiated", "payment.unknown", "payment.failed"]);
    }

    async fn one_that_an_inquiry_has_found_is_not_made_again_nor_unknown_again(world) {
        let merchant = Merchant::of(world).await;
        let charge = is_lost(&merchant, json!({ "timeoutRate": 1 }), json!({})).await;
        assert_eq!(world.stored(&charge).await.status, Status::Unknown);
        world.completes(&charge).await;
        assert_eq!(world.stored(&charge).await.status, Status::Initiated, "it is there");
        let made = world.count_calls(&charge.reference, "charge").await;

        world.provider_behaves(json!({ "failRate": 1 })).await;
        world.clock.advance(TimeDelta::seconds(70));

        wait_for("its operation is done", SOON, async || {
            let operation = operation_of(world, &charge).await;
            (operation.status == OperationStatus::Done && operation.due_at.is_none()).then_some(())
        })
        .await;
        assert_eq!(world.count_calls(&charge.reference, "charge").await, made);
        assert_eq!(world.events_of(&charge).await, ["payment.initiated", "payment.unknown"]);
    }

    async fn one_of_which_nobody_knows_is_called_again_ever_more_seldom(world) {
        let merchant = Merchant::of(world).await;
        let charge = is_lost(&merchant, json!({ "failRate": 1 }), json!({})).await;
        world.provider_behaves(json!({ "failRate": 1 })).await;
        let mut waits = Vec::new();
        for tries in 1..=6 {
            let due = operation_of(world, &charge).await.due_at.expect("it is due");
            world.clock.advance(due - world.clock.now() + TimeDelta::seconds(1));
            let recorded = wait_for("the call is recorded", SOON, async || {
                let operation = operation_of(world, &charge).await;
                let recorded = operation.finished_at.filter(|at| *at >= due);
                recorded.filter(|_| operation.tries == tries).zip(operation.due_at)
            })
            .await;
            waits.push((recorded.1 - recorded.0).num_seconds());
        }
        assert_eq!(waits, [60, 60, 60, 80, 160, 320]);
        assert_eq!(world.events_of(&charge).await, ["payment.initiated", "payment.unknown"]);
    }
}

mod where_we_keep_the_providers_limits {
    use super::*;

    on_both_databases! {
        with Wish { rate_limit: true, ..Wish::default() };

        async fn a_repetition_that_was_not_sent_leaves_the_charge_unknown(world) {
            let merchant = Merchant::of(world).await;
            // Two in a minute are all that the provider allows: these two got lost.
            let charge = is_lost(&merchant, json!({ "failRate": 1 }), json!({})).await;
            let lost_at = operation_of(world, &charge).await.finished_at;

            world.clock.advance(TimeDelta::seconds(70));

            let operation = wait_for("the repetition is recorded", SOON, async || {
                let operation = operation_of(world, &charge).await;
                (operation.finished_at > lost_at).then_some(operation)
            })
            .await;
            assert_eq!(operation.status, OperationStatus::Unknown);
            assert!(operation.due_at.is_some_and(|due| due > world.clock.now()));
            let stored = world.stored(&charge).await;
            assert_eq!(stored.status, Status::Unknown);
            assert!(stored.inquire_at.is_some(), "nobody takes it for one that was never called");
            assert_eq!(world.count_calls(&charge.reference, "charge").await, 2);
        }
    }
}
