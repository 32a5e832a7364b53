//! Whatever happens to one payment, in whatever order and however much at once: it ends as the
//! provider says, and its end is told once.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use mcpay::payments::ports::PaymentStore as _;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::on_both_databases;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

const CASES: u32 = 40;
const SOON: Duration = Duration::from_secs(20);

/// What may happen to a payment.
#[derive(Clone, Copy, Debug)]
enum Step {
    PayerApproves,
    PayerIsDeclined,
    PayerGivesUp,
    Callback,
    Complete,
    Return,
    ReturnByCancel,
    Cancel,
    TimerIsDue,
    TimeIsOver,
}

/// Groups that follow each other; the steps of a group happen at once.
fn schedules() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let step = prop_oneof![
        4 => Just(Step::PayerApproves),
        1 => Just(Step::PayerIsDeclined),
        1 => Just(Step::PayerGivesUp),
        3 => Just(Step::Callback),
        3 => Just(Step::Complete),
        2 => Just(Step::Return),
        1 => Just(Step::ReturnByCancel),
        2 => Just(Step::Cancel),
        2 => Just(Step::TimerIsDue),
        1 => Just(Step::TimeIsOver),
    ];
    prop::collection::vec(prop::collection::vec(step, 1..5), 1..4)
}

async fn happens(world: &World, payment: &StartedPayment, id: &str, step: Step) {
    let path = |tail: &str| format!("/capi/mcpay/payments/{}/{tail}", payment.reference);
    let payer = format!("/sandbox/payex/_payer/{}", payment.reference);
    let none = json!({});
    let status = match step {
        // The provider refuses the payer of a closed order, as it should.
        Step::PayerApproves => {
            world
                .post(&payer, &json!({ "action": "approve" }))
                .await
                .status
        }
        Step::PayerIsDeclined => {
            world
                .post(&payer, &json!({ "action": "decline" }))
                .await
                .status
        }
        Step::PayerGivesUp => {
            world
                .post(&payer, &json!({ "action": "cancel" }))
                .await
                .status
        }
        Step::Callback => {
            let body = json!({ "paymentOrder": { "id": id, "number": 1 } });
            world.callback(&payment.reference, &body).await.status
        }
        Step::Complete => world.post(&path("complete"), &none).await.status,
        Step::Return => world.get(&path("return")).await.status,
        Step::ReturnByCancel => world.get(&path("return?via=cancel")).await.status,
        Step::Cancel => world.post(&path("cancel"), &none).await.status,
        Step::TimerIsDue => {
            world.clock.advance(TimeDelta::seconds(31));
            200
        }
        Step::TimeIsOver => {
            world.clock.advance(TimeDelta::minutes(61));
            200
        }
    };
    assert!(matches!(status, 200 | 303 | 409), "{step:?}: {status}");
}

/// The provider's id of the payment.
async fn provider_id(world: &World, payment: &StartedPayment) -> String {
    let reference = payment.reference.parse().unwrap();
    let stored = world.built.store.find_payment(reference).await.unwrap();
    let id = stored.expect("it is stored").provider_ref;
    id.expect("the provider has it").as_str().to_owned()
}

/// Plays a schedule, brings the payment to its end and compares what is left.
async fn is_true_to_the_provider(world: &World, schedule: &[Vec<Step>]) -> Result<(), String> {
    let payment = world.starts_payment().await;
    let id = provider_id(world, &payment).await;
    for group in schedule {
        join_all(
            group
                .iter()
                .map(|step| happens(world, &payment, &id, *step)),
        )
        .await;
    }
    // Whoever still waits gives up now; the payer may have been faster.
    world.cancels(&payment).await;
    let status = wait_for("it ends", SOON, async || {
        let status = world.status(&payment).await;
        (status["status"] != "pending").then_some(status)
    })
    .await;
    let order = world.order_at_provider(&id).await;
    let events = world.event_bodies_of(&payment).await;
    let told: Vec<(i64, &str)> = events
        .iter()
        .map(|event| (event.sequence, event.kind.as_str()))
        .collect();
    agree(&status, &order, &told).map_err(|why| format!("{why}: {status} {told:?} {order}"))
}

fn agree(status: &Value, order: &Value, told: &[(i64, &str)]) -> Result<(), &'static str> {
    let expected = match order["status"].as_str() {
        Some("Paid") => ("success", vec!["payment.authorized"]),
        Some("Aborted") => ("failure", vec!["payment.cancelled", "payment.expired"]),
        _ => return Err("the provider's order is neither paid nor closed"),
    };
    if status["status"] != expected.0 {
        return Err("the payment is not as the provider says");
    }
    match told {
        [(1, "payment.initiated"), (2, end)] if expected.1.contains(end) => Ok(()),
        _ => Err("the events are not one beginning and one end"),
    }
}

on_both_databases! {
    async fn any_schedule_ends_as_the_provider_says_and_is_told_once(world) {
        let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
        let runtime = Handle::current();
        block_in_place(|| {
            let run = |schedule: Vec<Vec<Step>>| {
                runtime
                    .block_on(is_true_to_the_provider(world, &schedule))
                    .map_err(TestCaseError::fail)
            };
            TestRunner::new(config).run(&schedules(), run).unwrap();
        });
    }
}
