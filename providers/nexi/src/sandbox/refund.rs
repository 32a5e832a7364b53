//! Refunds, of a charge or of a payment: accepted first, carried out at once or later.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;

use super::api::{Answer, Call};
use super::capture::Moved;
use super::cards::Behaviour;
use super::events;
use super::payment::{Payment, Refund, RefundState, new_id};
use super::problem::Problem;
use super::state::{SharedPayment, State};

/// A refund of this amount is pending for a while, as one is while a merchant's balance is too
/// low. The provider's own amounts for it are not public.
const PENDING_AMOUNT: i64 = 900_377;
const PENDING_FOR: TimeDelta = TimeDelta::seconds(60);

/// `POST /v1/charges/{id}/refunds`
pub(crate) fn of_charge(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_by_part(id)?;
    let id = id.replace('-', "").to_ascii_lowercase();
    refund(call, &shared, |payment| {
        let charge = payment.charges.iter().find(|charge| charge.id == id);
        let left = charge.map(|charge| payment.unrefunded(charge));
        left.map(|left| (id, left))
    })
}

/// `POST /v1/payments/{id}/refunds`: from the charge that has most left.
pub(crate) fn of_payment(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_payment(id)?;
    refund(call, &shared, |payment| {
        let left = |charge| payment.unrefunded(charge);
        let most = payment.charges.iter().max_by_key(|charge| left(charge))?;
        Some((most.id.clone(), left(most)))
    })
}

/// `find` gives the charge and what is left of it.
fn refund(
    call: &Call<'_>,
    shared: &SharedPayment,
    find: impl FnOnce(&Payment) -> Option<(String, i64)>,
) -> Answer {
    let moved = Moved::read(call.body)?;
    let other = || {
        let text = "The key was used to refund a different amount (1027).";
        Problem::field("amount", text)
    };
    let replays = &call.state.replays;
    let answer = replays.answer(call.place(), Some(moved.amount), other, || {
        call.state.with(shared, |payment| {
            let (charge_id, left) = find(payment).ok_or(Problem::NOT_FOUND)?;
            if moved.amount == 0 || moved.amount > left {
                let text = "It is not an amount that is left of the charge (1009).";
                return Err(Problem::field("amount", text));
            }
            let charge = payment.charges.iter().find(|charge| charge.id == charge_id);
            if charge.is_some_and(|charge| charge.amount != moved.amount) && moved.items.is_none() {
                let text = "A part of a charge needs order items.";
                return Err(Problem::field("orderItems", text));
            }
            let id = accept(call.state, payment, charge_id, &moved);
            Ok((201, Some(json!({ "refundId": id }))))
        })
    });
    settle_later(call.state, shared);
    answer
}

fn accept(state: &State, payment: &mut Payment, charge_id: String, moved: &Moved) -> String {
    let now = state.stage.clock.now();
    let until = if moved.amount == PENDING_AMOUNT {
        now + PENDING_FOR
    } else {
        now
    };
    let refund = Refund {
        id: new_id(),
        charge_id,
        amount: moved.amount,
        state: RefundState::Pending { until },
        changed_at: now,
        items: moved
            .items
            .clone()
            .unwrap_or_else(|| payment.order.items.clone()),
    };
    let id = refund.id.clone();
    state.note_part(&id, &payment.id);
    events::refund_initiated(state, payment, &refund);
    payment.refunds.push(refund);
    settle(state, payment);
    id
}

/// Carries out what is due by now.
pub(crate) fn settle(state: &State, payment: &mut Payment) {
    let now = state.stage.clock.now();
    let fails = payment
        .paid
        .as_ref()
        .is_some_and(|used| used.card.behaviour == Behaviour::RefundFails);
    let is_due = |refund: &Refund| match refund.state {
        RefundState::Pending { until } => until <= now,
        _ => false,
    };
    let mut refunds = std::mem::take(&mut payment.refunds);
    for refund in refunds.iter_mut().filter(|refund| is_due(refund)) {
        refund.state = if fails {
            RefundState::Failed
        } else {
            RefundState::Completed
        };
        refund.changed_at = now;
        events::refund_ended(state, payment, refund);
    }
    payment.refunds = refunds;
}

/// Wakes up when the next refund is due, so that its webhook needs nobody who looks.
fn settle_later(state: &Arc<State>, shared: &SharedPayment) {
    let due = state.with(shared, |payment| {
        let until = |refund: &Refund| match refund.state {
            RefundState::Pending { until } => Some(until),
            _ => None,
        };
        payment.refunds.iter().filter_map(until).max()
    });
    if let Some(due) = due {
        let (state, shared) = (Arc::clone(state), Arc::clone(shared));
        state.stage.tasks.clone().spawn(async move {
            state.stage.clock.sleep_until(due).await;
            state.with(&shared, |_| ());
        });
    }
}

/// `POST /v1/pending-refunds/{id}/cancel`
pub(crate) fn cancel_pending(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_by_part(id)?;
    let id = id.replace('-', "").to_ascii_lowercase();
    let now = call.state.stage.clock.now();
    call.state.with(&shared, |payment| {
        let mut refunds = payment.refunds.iter_mut();
        let refund = refunds
            .find(|refund| refund.id == id)
            .ok_or(Problem::NOT_FOUND)?;
        if !matches!(refund.state, RefundState::Pending { .. }) {
            return Err(Problem::NOT_ALLOWED);
        }
        refund.state = RefundState::Cancelled;
        refund.changed_at = now;
        Ok((204, None))
    })
}
