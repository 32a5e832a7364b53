//! Operations that are asked for, claimed and carried on; refunds of orders; releases; lists.

use chrono::TimeDelta;
use uuid::Uuid;

use super::on_both_databases;
use super::world::{Shop, World, nok, now, operation};
use crate::clients::ClientCode;
use crate::payments::operation::{NewOperation, OperationKind};
use crate::payments::payment::{Payment, PublicStatus, Status};
use crate::payments::ports::PaymentFilter;
use crate::payments::ports::{
    Change, IdempotencyClaim, Intended, KeyUse, OrderRefund, PaymentStore as _, Saved, StoredAnswer,
};
use crate::ports::StoreError;

/// A captured payment.
async fn captured(world: &World, shop: &Shop, reference: &str) -> Payment {
    let mut payment = world.begun(shop, reference).await;
    payment.status = Status::Captured;
    payment.amounts.authorized = payment.amount;
    payment.amounts.captured = payment.amount;
    world
        .store
        .save(&Change::of(payment.clone()))
        .await
        .unwrap();
    Payment {
        version: 1,
        ..payment
    }
}

fn refund(payment: &Payment) -> Change {
    let refund = NewOperation {
        due_at: Some(now()),
        ..operation(payment, OperationKind::Refund)
    };
    Change {
        next_operation: Some(refund),
        ..Change::of(payment.clone())
    }
}

fn claim(shop: &Shop, key: &str) -> IdempotencyClaim {
    IdempotencyClaim {
        route: "refund",
        ..shop.claim(key, 1)
    }
}

/// An order of 100.00 that the payment pays for.
async fn order(world: &World, shop: &Shop, payment: &Payment) -> i64 {
    let (set, order) = (Uuid::new_v4(), 4_711);
    let (code, reference) = (shop.code.as_str(), payment.reference);
    let blob = if world.is_postgres() {
        "'\\x00'"
    } else {
        "x'00'"
    };
    world
        .sql(&format!(
            "INSERT INTO order_sets (id, client_code, mcpay_ref, status, seen_version, created_at) \
             VALUES ('{set}', '{code}', '{reference}', 'open', 0, '2026-11-20 12:00:00'); \
             INSERT INTO orders (order_id, client_code, body_hash, body, payment_method, currency, \
             amount_minor, vat_minor, recurring, prepaid, set_id, status, version, event_sequence, \
             registered_at) VALUES ({order}, '{code}', {blob}, {blob}, 'creditcardPayex', 'NOK', \
             10000, 0, FALSE, FALSE, '{set}', 'fulfilled', 0, 0, '2026-11-20 12:00:00')"
        ))
        .await;
    order
}

on_both_databases! {
    async fn an_intent_claims_its_key_or_writes_nothing(world: World) {
        let shop = world.client("no.example").await;
        let payment = captured(&world, &shop, "order-1").await;
        let key = claim(&shop, "key");
        let change = refund(&payment);
        assert_eq!(world.store.intend(&change, &key).await, Ok(Intended::Intended));
        let named = change.next_operation.as_ref().unwrap().operation.id;

        let again = refund(&Payment { version: 2, ..payment.clone() });
        let used = world.store.intend(&again, &key).await.unwrap();
        let Intended::Key(KeyUse::InProgress { operation, .. }) = used else {
            panic!("{used:?}");
        };
        assert_eq!(operation, Some(named));
        let stale = world.store.intend(&refund(&payment), &claim(&shop, "other")).await;
        assert_eq!(stale, Ok(Intended::Overtaken));
        assert_eq!(world.store.find_key_use(&claim(&shop, "other")).await, Ok(None));
        assert_eq!(world.store.find_operations(payment.reference).await.unwrap().len(), 2);
    }

    async fn the_first_answer_for_a_key_stays_claimed_or_not(world: World) {
        let shop = world.client("no.example").await;
        let payment = captured(&world, &shop, "order-1").await;
        let answer = |status| StoredAnswer { status, body: "{}".to_owned() };
        world.store.intend(&refund(&payment), &claim(&shop, "claimed")).await.unwrap();
        for key in ["claimed", "new"].map(|key| claim(&shop, key)) {
            for status in [200, 409] {
                let kept = world.store.keep_answer(&key, payment.reference, &answer(status)).await;
                assert_eq!(kept, Ok(()));
            }
            let replay = KeyUse::Replay(answer(200));
            assert_eq!(world.store.find_key_use(&key).await, Ok(Some(replay)));
        }
    }

    async fn what_is_due_is_taken_once_and_comes_due_again(world: World) {
        let shop = world.client("no.example").await;
        let payment = captured(&world, &shop, "order-1").await;
        world.store.intend(&refund(&payment), &claim(&shop, "key")).await.unwrap();
        let at = now();
        let claimers = (0..8).map(|_| {
            let store = world.store.clone();
            tokio::spawn(async move { store.claim_due_operations(at, None, 5).await.unwrap() })
        });
        let taken = futures_util::future::join_all(claimers).await;
        let taken: Vec<_> = taken.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(taken.len(), 1);
        assert_eq!((taken[0].tries, taken[0].due_at), (1, Some(at + TimeDelta::seconds(60))));

        let later = at + TimeDelta::seconds(60);
        let other = mcpay_port::PaymentRef(Uuid::new_v4());
        assert_eq!(world.store.claim_due_operations(later, Some(other), 5).await, Ok(vec![]));
        let again = world.store.claim_due_operations(later, Some(payment.reference), 5).await;
        assert_eq!(again.unwrap().len(), 1);
    }

    async fn what_is_put_off_comes_due_later_and_never_sooner(world: World) {
        let shop = world.client("no.example").await;
        let payment = captured(&world, &shop, "order-1").await;
        world.store.intend(&refund(&payment), &claim(&shop, "key")).await.unwrap();
        let due = async || world.store.find_operations(payment.reference).await.unwrap()[0].due_at;
        let operation = world.store.find_operations(payment.reference).await.unwrap()[0].operation.id;
        let at = now();
        for until in [at + TimeDelta::hours(2), at + TimeDelta::hours(1)] {
            world.store.postpone_operation(operation, until).await.unwrap();
            assert_eq!(due().await, Some(at + TimeDelta::hours(2)));
        }
        let none = world.store.claim_due_operations(at + TimeDelta::hours(1), None, 5).await;
        assert_eq!(none, Ok(vec![]));
    }

    async fn refunds_of_an_order_are_bounded_by_its_amount(world: World) {
        let shop = world.client("no.example").await;
        let payment = captured(&world, &shop, "order-1").await;
        let order = order(&world, &shop, &payment).await;
        let refund = |version, minor| Change {
            order_refund: Some(OrderRefund { order, amount: nok(minor) }),
            ..Change::of(Payment { version, ..payment.clone() })
        };
        assert_eq!(world.store.save(&refund(1, 6_000)).await, Ok(Saved::Saved));
        let too_much = StoreError::Constraint("orders_refunds_within_amount");
        assert_eq!(world.store.save(&refund(2, 4_001)).await, Err(too_much));
        assert_eq!(world.store.save(&refund(2, -6_000)).await, Ok(Saved::Saved));
        assert_eq!(world.store.save(&refund(3, 10_000)).await, Ok(Saved::Saved));
        let found = world.store.find_paid_orders(payment.reference).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].amount, found[0].refund_reserved), (nok(10_000), nok(10_000)));

        let elsewhere = captured(&world, &shop, "order-2").await;
        let wrong = Change { payment: elsewhere, ..refund(1, 1) };
        assert!(matches!(world.store.save(&wrong).await, Err(StoreError::Broken(_))));
    }

    async fn a_due_release_is_taken_once_at_a_time(world: World) {
        let shop = world.client("no.example").await;
        let at = now();
        let mut payment = world.begun(&shop, "order-1").await;
        payment.release_at = Some(at);
        world.store.save(&Change::of(payment.clone())).await.unwrap();
        world.begun(&shop, "order-2").await;
        let early = at - TimeDelta::seconds(1);
        assert_eq!(world.store.claim_due_releases(early, 9).await, Ok(vec![]));
        assert_eq!(world.store.claim_due_releases(at, 9).await, Ok(vec![payment.reference]));
        assert_eq!(world.store.claim_due_releases(at, 9).await, Ok(vec![]));
        let later = at + TimeDelta::seconds(60);
        assert_eq!(world.store.claim_due_releases(later, 9).await, Ok(vec![payment.reference]));
    }

    async fn payments_are_listed_page_by_page_newest_first_and_only_the_clients_own(world: World) {
        let shop = world.client("no.example").await;
        let other = world.client("no.other").await;
        world.begun(&other, "order-0").await;
        let mut all = Vec::new();
        for at in 1..=5 {
            all.push(world.begun(&shop, &format!("order-{at}")).await.reference);
        }
        all.reverse();
        let list = async |code: &ClientCode, filter: PaymentFilter| {
            let listed = world.store.list_payments(code, &filter).await.unwrap();
            listed.into_iter().map(|payment| payment.reference).collect::<Vec<_>>()
        };
        let page = PaymentFilter { limit: 2, ..PaymentFilter::default() };
        let mut seen = Vec::new();
        loop {
            let after = seen.last().copied();
            let more = list(&shop.code, PaymentFilter { after, ..page.clone() }).await;
            if more.is_empty() {
                break;
            }
            seen.extend(more);
        }
        assert_eq!(seen, all);
        let named = PaymentFilter { external_reference: Some("order-3".into()), ..page.clone() };
        assert_eq!(list(&shop.code, named).await, [all[2]]);
        let paid = PaymentFilter { status: Some(PublicStatus::Success), ..page.clone() };
        assert_eq!(list(&shop.code, paid).await, []);
        let foreign = PaymentFilter { after: Some(all[0]), ..page };
        assert_eq!(list(&other.code, foreign).await, []);
    }
}
