//! Events: their order, their cursors, and the leases of those who work on them.

use std::collections::HashSet;

use chrono::TimeDelta;
use uuid::Uuid;

use super::on_both_databases;
use super::world::{Shop, World, now};
use crate::events::ports::EventStore as _;
use crate::events::{Event, EventType};
use crate::payments::payment::Payment;
use crate::payments::ports::{Change, PaymentStore as _, Saved};

/// Stores one more event of the payment, which then has the next version.
async fn tell(world: &World, payment: &mut Payment) -> Event {
    let kind = EventType::PaymentUnknown;
    let event = payment.tell(kind, Uuid::new_v4(), now());
    let change = Change {
        events: vec![event.clone()],
        ..Change::of(payment.clone())
    };
    assert_eq!(world.store.save(&change).await, Ok(Saved::Saved));
    payment.version += 1;
    event
}

async fn begun_with_event(world: &World, shop: &Shop, reference: &str) -> (Payment, Event) {
    let intent = shop.intent(reference);
    world.store.begin(&intent).await.unwrap();
    (intent.payment, intent.events[0].clone())
}

on_both_databases! {
    async fn only_the_earliest_unpublished_event_of_a_subject_is_found(world: World) {
        let shop = world.client("no.example").await;
        let (mut one, one_1) = begun_with_event(&world, &shop, "order-1").await;
        let (mut other, other_1) = begun_with_event(&world, &shop, "order-2").await;
        let one_2 = tell(&world, &mut one).await;
        let other_2 = tell(&world, &mut other).await;
        let one_3 = tell(&world, &mut one).await;
        assert_eq!(world.store.count_unpublished().await, Ok(5));

        let found = || world.store.find_unpublished(10);
        assert_eq!(found().await, Ok(vec![one_1.clone(), other_1.clone()]));
        assert_eq!(world.store.find_unpublished(1).await, Ok(vec![one_1.clone()]));
        world.store.mark_published(&[one_1.id], now()).await.unwrap();
        assert_eq!(found().await, Ok(vec![other_1.clone(), one_2.clone()]));
        world.store.mark_published(&[other_1.id, one_2.id], now()).await.unwrap();
        assert_eq!(found().await, Ok(vec![other_2.clone(), one_3.clone()]));
        world.store.mark_published(&[other_2.id, one_3.id], now()).await.unwrap();
        world.store.mark_published(&[], now()).await.unwrap();
        assert_eq!(found().await, Ok(vec![]));
        assert_eq!(world.store.count_unpublished().await, Ok(0));
    }

    async fn cursors_have_no_gaps_and_follow_the_order_of_insertion(world: World) {
        let shop = world.client("no.example").await;
        let other_shop = world.client("no.other").await;
        let (mut payment, first) = begun_with_event(&world, &shop, "order-1").await;
        let (_, foreign) = begun_with_event(&world, &other_shop, "order-1").await;
        // A transaction that is rolled back uses up a position, but no cursor.
        world.store.begin(&shop.intent("order-1")).await.unwrap();
        let second = tell(&world, &mut payment).await;
        assert_eq!(world.store.find_events_after(&shop.code, 0, 10).await, Ok(vec![]));

        assert_eq!(world.store.assign_cursors(2).await, Ok(2));
        assert_eq!(world.store.assign_cursors(2).await, Ok(1));
        assert_eq!(world.store.assign_cursors(2).await, Ok(0));
        let third = tell(&world, &mut payment).await;
        assert_eq!(world.store.assign_cursors(2).await, Ok(1));

        let after = |cursor| world.store.find_events_after(&shop.code, cursor, 10);
        let all = vec![(1, first), (3, second), (4, third)];
        assert_eq!(after(0).await, Ok(all.clone()));
        assert_eq!(after(1).await, Ok(all[1..].to_vec()));
        assert_eq!(after(4).await, Ok(vec![]));
        assert_eq!(world.store.find_events_after(&shop.code, 0, 1).await, Ok(all[..1].to_vec()));
        let foreign = vec![(2, foreign)];
        assert_eq!(world.store.find_events_after(&other_shop.code, 0, 10).await, Ok(foreign));
    }

    async fn even_two_sequencers_at_once_leave_no_gap(world: World) {
        let shop = world.client("no.example").await;
        for at in 0..40 {
            world.begun(&shop, &format!("order-{at}")).await;
        }
        let sequencers = (0..8).map(|_| {
            let store = world.store.clone();
            tokio::spawn(async move {
                let mut given = 0;
                loop {
                    match store.assign_cursors(3).await.unwrap() {
                        0 => return given,
                        more => given += more,
                    }
                }
            })
        });
        let given = futures_util::future::join_all(sequencers).await;
        assert_eq!(given.into_iter().map(Result::unwrap).sum::<usize>(), 40);
        let events = world.store.find_events_after(&shop.code, 0, 100).await.unwrap();
        let cursors: Vec<i64> = events.iter().map(|event| event.0).collect();
        assert_eq!(cursors, (1..=40).collect::<Vec<_>>());
    }

    async fn a_lease_has_one_holder_until_it_ends(world: World) {
        let (store, now) = (&world.store, now());
        let until = now + TimeDelta::seconds(10);
        assert_eq!(store.take_lease("relay", "one", now, until).await, Ok(true));
        assert_eq!(store.take_lease("relay", "two", now, until).await, Ok(false));
        assert_eq!(store.take_lease("sequencer", "two", now, until).await, Ok(true));
        let later = until + TimeDelta::seconds(10);
        assert_eq!(store.take_lease("relay", "one", now, later).await, Ok(true));
        assert_eq!(store.take_lease("relay", "two", until, later).await, Ok(false));
        let end = later + TimeDelta::seconds(1);
        assert_eq!(store.take_lease("relay", "two", later, end).await, Ok(true));

        store.drop_lease("relay", "one").await.unwrap();
        assert_eq!(store.take_lease("relay", "one", later, later).await, Ok(false));
        store.drop_lease("relay", "two").await.unwrap();
        assert_eq!(store.take_lease("relay", "one", later, later).await, Ok(true));
    }

    async fn of_many_takers_of_a_lease_one_gets_it(world: World) {
        let (now, until) = (now(), now() + TimeDelta::seconds(10));
        let takers = (0..16).map(|at| {
            let store = world.store.clone();
            tokio::spawn(async move {
                store.take_lease("relay", &format!("taker-{at}"), now, until).await.unwrap()
            })
        });
        let taken = futures_util::future::join_all(takers).await;
        let holders: HashSet<_> = (0..16).filter(|at| *taken[*at].as_ref().unwrap()).collect();
        assert_eq!(holders.len(), 1);
    }
}
