//! Saving a change: over the version it was made from, whole or not at all.

use chrono::TimeDelta;
use secrecy::SecretString;
use uuid::Uuid;

use super::on_both_databases;
use super::world::{World, nok, now, operation};
use crate::events::EventType;
use crate::events::ports::EventStore as _;
use crate::payments::agreement::Activation;
use crate::payments::operation::{OperationKind, OperationOutcome, OperationStatus};
use crate::payments::payment::{Payment, Status};
use crate::payments::ports::{
    Begun, Change, Intent, KeyUse, PaymentStore as _, Saved, StoredAnswer,
};
use crate::ports::StoreError;

fn authorized(payment: &Payment) -> Change {
    let mut payment = payment.clone();
    payment.status = Status::Authorized;
    payment.amounts.authorized = payment.amount;
    payment.authorized_at = Some(now());
    let kind = EventType::PaymentAuthorized;
    let event = payment.tell(kind, Uuid::new_v4(), now());
    Change {
        events: vec![event],
        ..Change::of(payment)
    }
}

on_both_databases! {
    async fn a_change_is_written_with_the_next_version(world: World) {
        let shop = world.client("no.example").await;
        let payment = world.begun(&shop, "order-1").await;
        let change = authorized(&payment);
        assert_eq!(world.store.save(&change).await, Ok(Saved::Saved));
        let found = world.store.find_payment(payment.reference).await.unwrap().unwrap();
        assert_eq!(found, Payment { version: 1, ..change.payment });
    }

    async fn of_two_changes_of_one_version_the_second_writes_nothing(world: World) {
        let shop = world.client("no.example").await;
        let payment = world.begun(&shop, "order-1").await;
        world.store.save(&authorized(&payment)).await.unwrap();
        let before = world.store.find_payment(payment.reference).await;

        let mut late = payment.clone();
        late.status = Status::Failed;
        let event = late.tell(EventType::PaymentFailed, Uuid::new_v4(), now());
        let change = Change {
            next_operation: Some(operation(&late, OperationKind::Close)),
            events: vec![event],
            ..Change::of(late)
        };
        assert_eq!(world.store.save(&change).await, Ok(Saved::Overtaken));
        assert_eq!(world.store.find_payment(payment.reference).await, before);
        assert_eq!(world.store.count_unpublished().await, Ok(2));
        let open = world.store.find_operations(payment.reference).await.unwrap();
        assert_eq!(open.len(), 1);
    }

    async fn of_many_racing_changes_of_one_version_exactly_one_is_saved(world: World) {
        let shop = world.client("no.example").await;
        let payment = world.begun(&shop, "order-1").await;
        let racers = (0..16).map(|_| {
            let (store, change) = (world.store.clone(), authorized(&payment));
            tokio::spawn(async move { store.save(&change).await.unwrap() })
        });
        let ends = futures_util::future::join_all(racers).await;
        let saved = ends.into_iter().filter(|end| *end.as_ref().unwrap() == Saved::Saved);
        assert_eq!(saved.count(), 1);
        assert_eq!(world.store.count_unpublished().await, Ok(2));
    }

    async fn an_operation_is_finished_and_the_next_one_opened(world: World) {
        let shop = world.client("no.example").await;
        let intent = shop.intent("order-1");
        world.store.begin(&intent).await.unwrap();
        let payment = intent.payment;
        let mut capture = operation(&payment, OperationKind::Capture);
        capture.requested_at += TimeDelta::seconds(1);
        let open = |store: crate::store::Store| async move {
            let found = store.find_operations(payment.reference).await.unwrap();
            let open = found.into_iter().filter(|found| found.finished_at.is_none());
            open.map(|found| (found.operation, found.kind)).collect::<Vec<_>>()
        };
        let initiate = (intent.operation.operation, OperationKind::Initiate);
        assert_eq!(open(world.store.clone()).await, [initiate]);

        let mut change = authorized(&payment);
        change.next_operation = Some(capture.clone());
        world.store.save(&change).await.unwrap();
        let next = (capture.operation, OperationKind::Capture);
        assert_eq!(open(world.store.clone()).await, [next, initiate]);

        let mut change = Change::of(Payment { version: 1, ..change.payment });
        change.operation = Some(OperationOutcome {
            operation: intent.operation.operation,
            status: OperationStatus::Done,
            code: None,
            finished_at: now(),
            due_at: None,
        });
        world.store.save(&change).await.unwrap();
        assert_eq!(open(world.store.clone()).await, [next]);
    }

    async fn the_outcome_of_another_payments_operation_is_refused(world: World) {
        let shop = world.client("no.example").await;
        let one = shop.intent("order-1");
        let other = shop.intent("order-2");
        world.store.begin(&one).await.unwrap();
        world.store.begin(&other).await.unwrap();
        let mut change = authorized(&one.payment);
        change.operation = Some(OperationOutcome {
            operation: other.operation.operation,
            status: OperationStatus::Failed,
            code: Some("no".to_owned()),
            finished_at: now(),
            due_at: None,
        });
        let refused = world.store.save(&change).await;
        assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
        let found = world.store.find_payment(one.payment.reference).await.unwrap().unwrap();
        assert_eq!(found.version, 0);
    }

    async fn the_first_answer_is_kept_for_the_key_that_began_the_payment(world: World) {
        let shop = world.client("no.example").await;
        let claim = shop.claim("key", 1);
        let intent = Intent { claim: Some(claim.clone()), ..shop.intent("order-1") };
        world.store.begin(&intent).await.unwrap();
        let answer = StoredAnswer { status: 200, body: r#"{"mcPayRef":"…"}"#.to_owned() };
        let mut change = Change::of(intent.payment.clone());
        change.answer = Some(answer.clone());
        world.store.save(&change).await.unwrap();
        let replay = KeyUse::Replay(answer);
        assert_eq!(world.store.find_key_use(&claim).await, Ok(Some(replay.clone())));

        change.payment.version = 1;
        change.answer = Some(StoredAnswer { status: 504, body: String::new() });
        world.store.save(&change).await.unwrap();
        assert_eq!(world.store.find_key_use(&claim).await, Ok(Some(replay.clone())));
        assert_eq!(world.store.begin(&intent).await, Ok(Begun::Key(replay)));
    }

    async fn an_agreement_becomes_active_once_and_its_token_is_sealed(world: World) {
        let shop = world.client("no.example").await;
        let intent = shop.intent_with_agreement("order-1");
        world.store.begin(&intent).await.unwrap();
        let agreement = intent.payment.agreement.unwrap();
        let mut change = authorized(&intent.payment);
        change.payment.agreement.as_mut().unwrap().active = true;
        change.activation = Some(Activation {
            id: agreement.id,
            token: SecretString::from("token-that-moves-money"),
            activated_at: now(),
        });
        let told = change.payment.tell_agreement(Uuid::new_v4(), now()).unwrap();
        change.events.push(told);
        assert_eq!(world.store.save(&change).await, Ok(Saved::Saved));
        let found = world.store.find_payment(intent.payment.reference).await.unwrap().unwrap();
        assert_eq!(found, Payment { version: 1, ..change.payment.clone() });

        change.payment.version = 1;
        change.events.clear();
        let refused = world.store.save(&change).await;
        assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    }

    async fn amounts_of_another_currency_are_refused(world: World) {
        let shop = world.client("no.example").await;
        let mut change = Change::of(world.begun(&shop, "order-1").await);
        let euro = mcpay_port::Currency::from_code("EUR").unwrap();
        change.payment.amounts.authorized = mcpay_port::Money::new(1, euro);
        assert!(matches!(world.store.save(&change).await, Err(StoreError::Broken(_))));
        change.payment.amounts.authorized = nok(1);
        assert_eq!(world.store.save(&change).await, Ok(Saved::Saved));
    }
}
