//! The rules of the database that guard money, each told by its name.

use super::on_both_databases;
use super::world::{Shop, World, nok};
use crate::payments::payment::Payment;
use crate::payments::ports::{Begun, Change, PaymentStore as _, Saved};
use crate::ports::StoreError;

type Spoil = fn(&mut Payment);

/// What no payment may become, and the rule that says so.
const CHANGES: [(&str, Spoil); 8] = [
    ("payments_authorized_within_amount", |payment| {
        payment.amounts.authorized = nok(payment.amount.minor() + 1);
    }),
    ("payments_authorized_within_amount", |payment| {
        payment.amounts.authorized = nok(-1);
    }),
    ("payments_captured_within_authorized", |payment| {
        payment.amounts.authorized = nok(100);
        payment.amounts.captured = nok(101);
    }),
    ("payments_captured_within_authorized", |payment| {
        payment.amounts.authorized = nok(100);
        payment.amounts.captured = nok(60);
        payment.amounts.cancelled = nok(41);
    }),
    ("payments_captured_within_authorized", |payment| {
        payment.amounts.authorized = nok(100);
        payment.amounts.captured = nok(101);
        payment.amounts.cancelled = nok(-1);
    }),
    ("payments_refunded_within_captured", |payment| {
        payment.amounts.authorized = nok(100);
        payment.amounts.captured = nok(60);
        payment.amounts.refunded = nok(61);
    }),
    ("payments_refunded_within_captured", |payment| {
        payment.amounts.refunded = nok(-1);
    }),
    ("payments_refunded_within_captured", |payment| {
        payment.amounts.refunded = nok(i64::MAX);
    }),
];

const BEGINNINGS: [(&str, Spoil); 2] = [
    ("payments_vat_within_amount", |payment| {
        payment.vat = nok(payment.amount.minor() + 1);
    }),
    ("payments_vat_within_amount", |payment| {
        payment.vat = nok(-1);
    }),
];

on_both_databases! {
    async fn no_change_gets_past_a_rule_of_the_amounts(world: World) {
        let shop = world.client("no.example").await;
        let payment = world.begun(&shop, "order-1").await;
        for (rule, spoil) in CHANGES {
            let mut change = Change::of(payment.clone());
            spoil(&mut change.payment);
            let refused = world.store.save(&change).await;
            assert_eq!(refused, Err(StoreError::Constraint(rule)));
        }
        let found = world.store.find_payment(payment.reference).await;
        assert_eq!(found, Ok(Some(payment)));
    }

    async fn the_bounds_themselves_are_allowed(world: World) {
        let shop = world.client("no.example").await;
        let mut change = Change::of(world.begun(&shop, "order-1").await);
        change.payment.amounts.authorized = change.payment.amount;
        change.payment.amounts.captured = nok(30_000);
        change.payment.amounts.cancelled = nok(4_900);
        change.payment.amounts.refunded = nok(30_000);
        assert_eq!(world.store.save(&change).await, Ok(Saved::Saved));

        let mut nothing = shop.payment("order-2");
        nothing.amount = nok(0);
        nothing.vat = nok(0);
        assert_eq!(world.store.begin(&Shop::intent_of(nothing)).await, Ok(Begun::Begun));
    }

    async fn no_payment_begins_against_a_rule(world: World) {
        let shop = world.client("no.example").await;
        for (rule, spoil) in BEGINNINGS {
            let mut payment = shop.payment("order-1");
            spoil(&mut payment);
            let refused = world.store.begin(&Shop::intent_of(payment)).await;
            assert_eq!(refused, Err(StoreError::Constraint(rule)));
        }
        let mut payment = shop.payment("order-1");
        payment.amount = nok(-1);
        payment.vat = nok(0);
        let refused = world.store.begin(&Shop::intent_of(payment)).await;
        assert!(matches!(refused, Err(StoreError::Constraint(_))), "{refused:?}");
    }

    async fn an_agreement_is_bound_by_the_same_rules(world: World) {
        let shop = world.client("no.example").await;
        let mut intent = shop.intent_with_agreement("order-1");
        intent.agreement.as_mut().unwrap().amount = nok(-1);
        let refused = world.store.begin(&intent).await;
        assert_eq!(refused, Err(StoreError::Constraint("agreements_amount_not_negative")));

        // A payment that names an agreement needs the agreement.
        intent.agreement = None;
        let refused = world.store.begin(&intent).await;
        assert_eq!(refused, Err(StoreError::Constraint("foreign_key")));
        assert_eq!(world.store.find_payment(intent.payment.reference).await, Ok(None));
    }

    async fn a_sequence_is_told_once(world: World) {
        let shop = world.client("no.example").await;
        let mut intent = shop.intent("order-1");
        let mut again = intent.events[0].clone();
        again.id = uuid::Uuid::new_v4();
        intent.events.push(again);
        let refused = world.store.begin(&intent).await;
        assert_eq!(refused, Err(StoreError::Constraint("events_sequence_unique")));
    }
}
