//! Beginning a payment: once per reference, once per key, all of it or nothing.

use futures_util::future::join_all;

use super::on_both_databases;
use super::world::{Shop, World};
use crate::events::ports::EventStore as _;
use crate::payments::ports::{Begun, Intent, KeyUse, PaymentStore as _};
use crate::ports::StoreError;

const RACERS: usize = 64;

async fn race(world: &World, intents: Vec<Intent>) -> Vec<Begun> {
    let begins = intents.into_iter().map(|intent| {
        let store = world.store.clone();
        tokio::spawn(async move { store.begin(&intent).await })
    });
    let ends = join_all(begins).await;
    ends.into_iter().map(|end| end.unwrap().unwrap()).collect()
}

fn with_key(shop: &Shop, reference: &str, key: &str, body: u8) -> Intent {
    Intent {
        claim: Some(shop.claim(key, body)),
        ..shop.intent(reference)
    }
}

on_both_databases! {
    async fn of_64_racing_for_one_reference_exactly_one_begins(world: World) {
        let shop = world.client("no.example").await;
        let intents: Vec<_> = (0..RACERS).map(|_| shop.intent("order-1")).collect();
        let ends = race(&world, intents.clone()).await;
        let begun: Vec<_> = (0..RACERS).filter(|at| ends[*at] == Begun::Begun).collect();
        assert_eq!(begun.len(), 1);
        let refused = ends.iter().filter(|end| **end == Begun::ReferenceUsed).count();
        assert_eq!(refused, RACERS - 1);

        for (at, intent) in intents.iter().enumerate() {
            let found = world.store.find_payment(intent.payment.reference).await.unwrap();
            assert_eq!(found.is_some(), at == begun[0]);
        }
        assert_eq!(world.store.count_unpublished().await, Ok(1));
    }

    async fn of_64_racing_with_one_key_exactly_one_begins(world: World) {
        let shop = world.client("no.example").await;
        let intents: Vec<_> = (0..RACERS)
            .map(|at| with_key(&shop, &format!("order-{at}"), "key", 1))
            .collect();
        let ends = race(&world, intents.clone()).await;
        let first = ends.iter().position(|end| *end == Begun::Begun).unwrap();
        for (at, end) in ends.iter().enumerate().filter(|(at, _)| *at != first) {
            let Begun::Key(KeyUse::InProgress { payment, claimed_at, .. }) = end else {
                panic!("{at}: {end:?}");
            };
            assert_eq!(*payment, intents[first].payment.reference);
            assert_eq!(*claimed_at, intents[first].claim.as_ref().unwrap().claimed_at);
        }
        assert_eq!(world.store.count_unpublished().await, Ok(1));
    }

    async fn another_body_under_a_used_key_is_a_conflict(world: World) {
        let shop = world.client("no.example").await;
        let store = &world.store;
        assert_eq!(store.find_key_use(&shop.claim("key", 1)).await, Ok(None));
        store.begin(&with_key(&shop, "order-1", "key", 1)).await.unwrap();
        let other = with_key(&shop, "order-2", "key", 2);
        assert_eq!(store.begin(&other).await, Ok(Begun::Key(KeyUse::Conflict)));
        assert_eq!(store.find_key_use(&shop.claim("key", 2)).await, Ok(Some(KeyUse::Conflict)));
    }

    async fn a_key_and_a_reference_belong_to_one_client(world: World) {
        let one = world.client("no.example.one").await;
        let other = world.client("no.example.other").await;
        for shop in [&one, &other] {
            let end = world.store.begin(&with_key(shop, "order-1", "key", 1)).await;
            assert_eq!(end, Ok(Begun::Begun));
        }
    }

    async fn a_used_reference_leaves_the_key_free(world: World) {
        let shop = world.client("no.example").await;
        let store = &world.store;
        store.begin(&shop.intent("order-1")).await.unwrap();
        let again = with_key(&shop, "order-1", "key", 1);
        assert_eq!(store.begin(&again).await, Ok(Begun::ReferenceUsed));
        assert_eq!(store.find_key_use(&shop.claim("key", 1)).await, Ok(None));
        let next = with_key(&shop, "order-2", "key", 1);
        assert_eq!(store.begin(&next).await, Ok(Begun::Begun));
    }

    async fn a_taken_number_is_told_by_name_and_writes_nothing(world: World) {
        let shop = world.client("no.example").await;
        let store = &world.store;
        let first = shop.intent("order-1");
        store.begin(&first).await.unwrap();
        let mut second = with_key(&shop, "order-2", "key", 1);
        second.operation.operation.number = first.operation.operation.number;
        let refused = store.begin(&second).await;
        assert_eq!(refused, Err(StoreError::Constraint("operations_number_unique")));
        assert_eq!(store.find_payment(second.payment.reference).await, Ok(None));
        second.operation.operation.number ^= 1;
        assert_eq!(store.begin(&second).await, Ok(Begun::Begun));
    }

    async fn a_payment_of_a_client_that_does_not_exist_is_refused(world: World) {
        let mut shop = world.client("no.example").await;
        shop.code.0 = "no.other".to_owned();
        let refused = world.store.begin(&shop.intent("order-1")).await;
        assert_eq!(refused, Err(StoreError::Constraint("foreign_key")));
    }

    async fn a_begin_whose_caller_goes_away_is_still_whole(world: World) {
        let shop = world.client("no.example").await;
        let mut references = Vec::new();
        for at in 0..20 {
            let intent = shop.intent(&format!("order-{at}"));
            references.push(intent.payment.reference);
            // Polled once, so that the work has begun, and then dropped.
            let begin = world.store.begin(&intent);
            assert!(futures_util::FutureExt::now_or_never(begin).is_none());
        }
        let limit = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        for reference in references {
            while world.store.find_payment(reference).await.unwrap().is_none() {
                assert!(tokio::time::Instant::now() < limit, "a begin was cut");
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(world.store.count_unpublished().await, Ok(20));
    }
}
