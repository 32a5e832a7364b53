//! Provider callbacks (8.9): a hint to look at a payment, believed for nothing else.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::support::world::Wish;

/// No timer looks by itself: what happens is the callback's doing.
fn callbacks_alone() -> Wish {
    Wish {
        without_jobs: true,
        rate_limit: true,
        ..Wish::default()
    }
}

/// A 404 without its request id.
fn comparable(mut problem: Value) -> Value {
    problem.as_object_mut().unwrap().remove("requestId");
    problem
}

on_both_databases! {
    with callbacks_alone();

    async fn the_callback_alone_makes_the_payment_a_success(world) {
        let payment = world.starts_payment().await;
        world.payer_approves(&payment).await;
        world.becomes(&payment, "success", Duration::from_secs(5)).await;
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.authorized"]);
    }

    async fn a_callback_that_carries_the_key_is_accepted_with_an_empty_200(world) {
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        let payment = world.starts_payment().await;
        world.payer_approves(&payment).await;
        assert_eq!(world.status(&payment).await["status"], "pending", "nobody told us yet");
        let (path, body) = (world.callback_path(&payment).await, world.callback_body(&payment).await);
        let answer = world.post(&path, &body).await.expect(200);
        assert_eq!(answer.text, "");
        world.becomes(&payment, "success", Duration::from_secs(5)).await;
    }

    async fn wrong_key_wrong_payment_and_unknown_payment_get_one_identical_404(world) {
        let (payment, other) = (world.starts_payment().await, world.starts_payment().await);
        let body = world.callback_body(&payment).await;
        let key = world.callback_key(&payment).await;
        let other_key = world.callback_key(&other).await;
        let at = |reference: &str, key: &str| format!("/callbacks/payex/{reference}/{key}");
        let unknown = uuid::Uuid::new_v4().to_string();
        let paths = [
            at(&payment.reference, "x"),
            at(&payment.reference, &other_key),
            at(&payment.reference, &key.to_lowercase()),
            at(&payment.reference, &key[1..]),
            at(&payment.reference, &format!("{key}0")),
            at(&payment.reference, "%00"),
            at(&other.reference, &key),
            at(&unknown, &key),
            at("not-a-reference", &key),
            format!("/callbacks/nexi/{}/{key}", payment.reference),
            format!("/callbacks/vipps/{}/{key}", payment.reference),
            format!("/callbacks/nobody/{}/{key}", payment.reference),
        ];
        let mut first = None;
        for path in paths {
            let problem = comparable(world.post(&path, &body).await.problem(404));
            assert_eq!(first.get_or_insert(problem.clone()), &problem, "{path}");
        }
        assert_eq!(world.provider_saw(&payment.reference).await, ["initiate"], "nobody was asked");
    }

    async fn a_body_that_cannot_be_read_is_a_hint_all_the_same_since_the_key_is_right(world) {
        let payment = world.starts_payment().await;
        let path = world.callback_path(&payment).await;
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        let bodies: [&[u8]; 9] = [
            b"", b"x", b"null", b"[]", b"{}", b"{\"paymentOrder\":null}",
            b"{\"paymentOrder\":{\"id\":7}}", b"\xff\xfe\x00", deep.as_bytes(),
        ];
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        world.payer_approves(&payment).await;
        world.post_bytes(&path, "x".repeat(70_000)).await.problem(413);
        assert_eq!(world.provider_saw(&payment.reference).await, ["initiate"], "nobody was asked");
        for body in bodies {
            world.post_bytes(&path, body.to_vec()).await.expect(200);
        }
        world.becomes(&payment, "success", Duration::from_secs(5)).await;
    }

    async fn a_callback_that_names_another_order_changes_nothing(world) {
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        let (payment, paid) = (world.starts_payment().await, world.starts_payment().await);
        world.payer_approves(&paid).await;
        let path = world.callback_path(&payment).await;
        let lie = world.callback_body(&paid).await;
        let invented = json!({ "paymentOrder": {
            "id": format!("/psp/paymentorders/{}", uuid::Uuid::new_v4()), "status": "Paid",
        } });
        for body in [lie, invented] {
            world.post(&path, &body).await.expect(200);
        }
        // The inquiry that follows asks about this payment's own order.
        let asked = async {
            while world.provider_saw(&payment.reference).await.len() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), asked).await.expect("an inquiry");
        assert_eq!(world.completes(&payment).await["status"], "pending");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated"]);
        assert_eq!(world.status(&paid).await["status"], "pending", "and the other was not told of");
    }

    async fn callbacks_that_repeat_themselves_cause_few_inquiries_and_one_event(world) {
        let payment = world.starts_payment().await;
        let (path, body) = (world.callback_path(&payment).await, world.callback_body(&payment).await);
        let began = Instant::now();
        let answers = join_all((0..50).map(|_| world.post(&path, &body))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        let calls = world.provider_saw(&payment.reference).await;
        let seconds = usize::try_from(began.elapsed().as_secs()).unwrap();
        assert!(calls.len() <= 3 + seconds, "{calls:?} in {seconds} s");
        world.payer_approves(&payment).await;
        // A hint within a second of an inquiry waits for the timer, which does not run here; the
        // provider repeats itself.
        let paid = async {
            while world.status(&payment).await["status"] != "success" {
                join_all((0..50).map(|_| world.post(&path, &body))).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), paid).await.expect("a success");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.authorized"]);
    }

    async fn callbacks_are_never_told_to_come_later(world) {
        let payment = world.starts_payment().await;
        let (path, body) = (world.callback_path(&payment).await, world.callback_body(&payment).await);
        let wrong = format!("/callbacks/payex/{}/wrong", payment.reference);
        for _ in 0..6 {
            let right = join_all((0..50).map(|_| world.post(&path, &body))).await;
            assert!(right.iter().all(|answer| answer.status == 200));
            let forged = join_all((0..50).map(|_| world.post(&wrong, &body))).await;
            assert!(forged.iter().all(|answer| answer.status == 404));
        }
    }

    async fn a_callback_is_no_page_and_takes_no_other_method(world) {
        let payment = world.starts_payment().await;
        let path = world.callback_path(&payment).await;
        let answer = world.get(&path).await;
        assert!((400..500).contains(&answer.status));
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert_eq!(world.provider_saw(&payment.reference).await, ["initiate"]);
    }
}
