//! `POST /v1/payments/{id}/charges`: charges what is reserved, wholly or in parts.

use serde_json::{Value, json};

use super::api::{Answer, Call};
use super::cards::Behaviour;
use super::events;
use super::fields::Part;
use super::order;
use super::payment::{Charge, Payment, new_id};
use super::problem::{Problem, Wrong};
use super::state::State;

/// An amount, and the lines where there are any.
pub(crate) struct Moved {
    pub(crate) amount: i64,
    pub(crate) items: Option<Vec<Value>>,
}

impl Moved {
    /// Reads the body of a charge, a cancel or a refund.
    ///
    /// # Errors
    /// 400, also when the lines do not add up to the amount.
    pub(crate) fn read(body: &Value) -> Result<Self, Problem> {
        let mut wrong = Wrong::default();
        let body = Part::root(body);
        let amount = body.get_integer(&mut wrong, "amount");
        let items = body.find("orderItems");
        let items = items.and_then(|list| order::items(&list, &mut wrong));
        if amount.is_some_and(|amount| amount < 0) {
            wrong.add("amount", "It must not be negative.");
        }
        if let Some((_, sum)) = &items
            && Some(*sum) != amount
        {
            let text = "The amount differs from the sum of the order items (1005).";
            wrong.add("amount", text);
        }
        wrong.check()?;
        Ok(Self {
            amount: amount.unwrap_or_default(),
            items: items.map(|(items, _)| items),
        })
    }
}

pub(crate) fn charge(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_payment(id)?;
    let moved = Moved::read(call.body)?;
    let other = || {
        let text = "The key was used to charge a different amount.";
        Problem::payment_required("1026", text)
    };
    let releases = call.body["finalCharge"] == Value::Bool(true);
    let replays = &call.state.replays;
    replays.answer(call.place(), Some(moved.amount), other, || {
        call.state.with(&shared, |payment| {
            check(call.state, payment, &moved)?;
            let id = carry_out(call.state, payment, moved.amount, moved.items.clone());
            if releases {
                payment.cancelled = payment.cancelled.saturating_add(payment.uncharged());
            }
            Ok((201, Some(json!({ "chargeId": id }))))
        })
    })
}

fn check(state: &State, payment: &mut Payment, moved: &Moved) -> Result<(), Problem> {
    let refuse = Problem::payment_required;
    if moved.amount == 0 {
        return Err(refuse("1002", "A charge of zero."));
    }
    let Some(used) = &payment.paid else {
        return Err(refuse("1003", "Nothing is reserved."));
    };
    if payment.reserved() == payment.cancelled {
        return Err(refuse("1019", "The payment is cancelled."));
    }
    if moved.amount > payment.uncharged() {
        return Err(refuse("1001", "More than what is left of the reservation."));
    }
    if moved.amount != payment.order.amount && moved.items.is_none() {
        return Err(refuse("1015", "A part of the order needs order items."));
    }
    if used.card.behaviour == Behaviour::ChargeFails {
        events::charge_failed(state, payment, moved.amount, moved.items.as_deref());
        return Err(refuse("1020", "The payment method refused the charge."));
    }
    Ok(())
}

/// Charges, and gives the charge's id. Without lines everything that was ordered is charged.
pub(crate) fn carry_out(
    state: &State,
    payment: &mut Payment,
    amount: i64,
    items: Option<Vec<Value>>,
) -> String {
    let charge = Charge {
        id: new_id(),
        amount,
        at: state.stage.clock.now(),
        items: items.unwrap_or_else(|| payment.order.items.clone()),
    };
    let id = charge.id.clone();
    events::charged(state, payment, &charge);
    payment.charges.push(charge);
    state.note_part(&id, &payment.id);
    id
}
