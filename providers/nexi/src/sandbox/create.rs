//! `POST /v1/payments`. It takes no idempotency key: every call makes a payment.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::api::{Answer, Call};
use super::fields::{MY_REFERENCE, Part};
use super::payment::{Payment, Place};
use super::problem::{Problem, Wrong};
use super::{agreement, attempt, checkout, events, order, render, webhooks};

/// A payer who approves by itself takes this long, so that the payment is first seen open.
const AUTO_APPROVE_AFTER: Duration = Duration::from_millis(100);

pub(crate) fn create(call: &Call<'_>) -> Answer {
    let mut payment = read(call)?;
    let mut body = json!({ "paymentId": payment.id });
    if matches!(payment.place, Place::Hosted { .. }) {
        body["hostedPaymentPageUrl"] = json!(render::hosted_page(call.state, &payment));
    }
    payment.auto_approve = call.state.stage.controls().auto_approve;
    let approves = payment.auto_approve;
    let shared = call.state.keep(payment);
    // Whoever is told of it must find it.
    call.state
        .with(&shared, |payment| events::created(call.state, payment));
    if approves {
        let state = Arc::clone(call.state);
        call.state.stage.tasks.spawn(async move {
            tokio::time::sleep(AUTO_APPROVE_AFTER).await;
            state.with(&shared, |payment| {
                attempt::approve_by_itself(&state, payment);
            });
        });
    }
    Ok((201, Some(body)))
}

/// # Errors
/// 400, with everything that is wrong.
fn read(call: &Call<'_>) -> Result<Payment, Problem> {
    let mut wrong = Wrong::default();
    let body = Part::root(call.body);
    let wanted = agreement::read(call.state, call.account, &body, &mut wrong);
    let order = order::read(&body, &mut wrong, wanted.is_some());
    let checkout = checkout::read(&body, &mut wrong);
    let webhooks = webhooks::read(&body, &mut wrong);
    let my_reference = body.text(&mut wrong, "myReference", MY_REFERENCE);
    wrong.check()?;
    let (Some(order), Some(checkout)) = (order, checkout) else {
        return Err(Problem::field("body", "The body cannot be read."));
    };
    let now = call.state.stage.clock.now();
    Ok(Payment {
        place: checkout.place,
        charges_at_once: checkout.charges_at_once,
        consumer: checkout.consumer,
        webhooks,
        wanted,
        ..Payment::new(call.account, now, order, my_reference.map(str::to_owned))
    })
}
