//! What the timer asks about, and the hints that make it ask sooner.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::{PaymentRef, ProviderRef};
use uuid::Uuid;

use super::on_both_databases;
use super::world::{Shop, World, now};
use crate::payments::backoff::Polls;
use crate::payments::payment::Payment;
use crate::payments::ports::{Change, Intent, PaymentStore as _};

async fn due(world: &World, shop: &Shop, reference: &str, at: DateTime<Utc>) -> Payment {
    let mut payment = shop.payment(reference);
    payment.inquire_at = Some(at);
    let intent = Shop::intent_of(payment);
    world.store.begin(&intent).await.unwrap();
    intent.payment
}

async fn found(world: &World, reference: PaymentRef) -> Payment {
    world.store.find_payment(reference).await.unwrap().unwrap()
}

fn id(text: &str) -> ProviderRef {
    ProviderRef(text.to_owned())
}

on_both_databases! {
    async fn what_is_due_is_claimed_oldest_first_and_waits_longer_each_time(world: World) {
        let shop = world.client("no.example").await;
        let now = now();
        let second = due(&world, &shop, "order-1", now).await;
        let first = due(&world, &shop, "order-2", now - TimeDelta::seconds(1)).await;
        due(&world, &shop, "order-3", now + TimeDelta::microseconds(1)).await;
        world.begun(&shop, "order-4").await;

        let claimed = world.store.claim_due_inquiries(now, 10, &Polls::default()).await.unwrap();
        assert_eq!(claimed, [first.reference, second.reference]);
        let after = found(&world, first.reference).await;
        let next = now + TimeDelta::seconds(5);
        let expected = Payment { inquiries: 1, inquire_at: Some(next), ..first.clone() };
        assert_eq!(after, expected, "the version stays");

        assert_eq!(world.store.claim_due_inquiries(next, 1, &Polls::default()).await.unwrap().len(), 1);
        let rest = world.store.claim_due_inquiries(next, 10, &Polls::default()).await.unwrap();
        assert_eq!(rest.len(), 2);
        let after = found(&world, first.reference).await;
        assert_eq!(after.inquire_at, Some(next + TimeDelta::seconds(10)));
        assert_eq!(after.inquiries, 2);
    }

    async fn racing_claimers_never_take_the_same_payment(world: World) {
        let shop = world.client("no.example").await;
        let now = now();
        for at in 0..60 {
            due(&world, &shop, &format!("order-{at}"), now).await;
        }
        let claimers = (0..8).map(|_| {
            let store = world.store.clone();
            tokio::spawn(async move {
                let mut taken = Vec::new();
                loop {
                    let more = store.claim_due_inquiries(now, 7, &Polls::default()).await.unwrap();
                    if more.is_empty() {
                        return taken;
                    }
                    taken.extend(more);
                }
            })
        });
        let taken = futures_util::future::join_all(claimers).await;
        let taken: Vec<_> = taken.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(taken.len(), 60);
        assert_eq!(taken.iter().collect::<HashSet<_>>().len(), 60);
    }

    async fn a_hint_makes_its_payment_due_at_once(world: World) {
        let shop = world.client("no.example").await;
        let now = now();
        let idle = world.begun(&shop, "order-1").await;
        let waiting = due(&world, &shop, "order-2", now + TimeDelta::hours(1)).await;
        let overdue = due(&world, &shop, "order-3", now - TimeDelta::hours(1)).await;
        for payment in [&idle, &waiting, &overdue] {
            world.store.record_hint(payment.reference, None, now).await.unwrap();
        }
        for payment in [&idle, &waiting, &overdue] {
            let hinted = found(&world, payment.reference).await;
            assert_eq!(hinted.inquire_at, Some(now));
            assert_eq!(hinted.version, payment.version + 1, "an older look is overtaken");
        }
    }

    async fn a_hint_about_nothing_is_nothing(world: World) {
        let nobody = PaymentRef(Uuid::new_v4());
        world.store.record_hint(nobody, Some(&id("/x")), now()).await.unwrap();
        assert_eq!(world.store.find_hinted_ref(nobody).await, Ok(None));
    }

    async fn the_latest_hinted_id_is_found_however_many_hints_follow(world: World) {
        let shop = world.client("no.example").await;
        let payment = world.begun(&shop, "order-1").await.reference;
        let store = &world.store;
        assert_eq!(store.find_hinted_ref(payment).await, Ok(None));
        store.record_hint(payment, Some(&id("one")), now()).await.unwrap();
        store.record_hint(payment, Some(&id("two")), now()).await.unwrap();
        for _ in 0..120 {
            store.record_hint(payment, None, now()).await.unwrap();
        }
        assert_eq!(store.find_hinted_ref(payment).await, Ok(Some(id("two"))));
        for at in 0..120 {
            store.record_hint(payment, Some(&id(&at.to_string())), now()).await.unwrap();
        }
        assert_eq!(store.find_hinted_ref(payment).await, Ok(Some(id("119"))));

        let mut done = found(&world, payment).await;
        done.inquire_at = None;
        store.save(&Change::of(done)).await.unwrap();
        let kept = store.forget_before(now() + TimeDelta::seconds(1)).await;
        assert_eq!(kept, Ok(100), "no more were kept");
    }

    async fn old_keys_are_forgotten_and_old_hints_only_when_worked_off(world: World) {
        let shop = world.client("no.example").await;
        let store = &world.store;
        let at = now();
        let intent = Intent { claim: Some(shop.claim("key", 1)), ..shop.intent("order-1") };
        store.begin(&intent).await.unwrap();
        let reference = intent.payment.reference;
        store.record_hint(reference, None, at).await.unwrap();
        assert_eq!(store.forget_before(at - TimeDelta::days(1)).await, Ok(0));

        let later = at + TimeDelta::days(7);
        assert_eq!(store.forget_before(later).await, Ok(1), "the key; the hint still waits");
        assert_eq!(store.find_key_use(&shop.claim("key", 1)).await, Ok(None));
        assert_eq!(store.claim_due_inquiries(at, 10, &Polls::default()).await, Ok(vec![reference]));
        assert_eq!(store.forget_before(later).await, Ok(1));
        assert_eq!(store.forget_before(later).await, Ok(0));
    }
}
