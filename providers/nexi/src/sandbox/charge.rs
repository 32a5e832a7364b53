//! Charges of agreements: a new payment that is reserved and charged at once.

use serde_json::json;

use super::agreement::{self, Agreement, Kind};
use super::api::{Answer, Call};
use super::fields::{MY_REFERENCE, Part};
use super::payment::Payment;
use super::problem::{Problem, Wrong};
use super::state::locked;
use super::{attempt, events, order, webhooks};

/// Declined without a body, as the provider documents it.
const DECLINED_AMOUNT: i64 = 900_361;
/// Declined with the number that says never to try again.
const HARD_DECLINED_AMOUNT: i64 = 900_362;

/// `POST /v1/(unscheduled)subscriptions/{id}/charges`
pub(crate) fn charge(call: &Call<'_>, kind: Kind, id: &str) -> Answer {
    let found = agreement::find(call.state, call.account, kind, id);
    let (id, agreement) = found.ok_or(Problem::NOT_FOUND)?;
    let mut wrong = Wrong::default();
    let body = Part::root(call.body);
    let order = order::read(&body, &mut wrong, false);
    let webhooks = webhooks::read(&body, &mut wrong);
    let my_reference = body.text(&mut wrong, "myReference", MY_REFERENCE);
    wrong.check()?;
    let order = order.ok_or_else(|| Problem::field("order", "The order cannot be read."))?;
    let other = || {
        let text = "The key was used to charge a different amount (1026).";
        Problem::field("order.amount", text)
    };
    let replays = &call.state.replays;
    replays.answer(call.place(), Some(order.amount), other, || {
        let now = call.state.stage.clock.now();
        agreement.check(now)?;
        let mut payment = Payment::new(call.account, now, order, my_reference.map(str::to_owned));
        payment.webhooks = webhooks;
        carry_out(call, payment, &id, &agreement)
    })
}

fn carry_out(
    call: &Call<'_>,
    payment: Payment,
    agreement_id: &str,
    agreement: &Agreement,
) -> Answer {
    let shared = call.state.keep(payment);
    let body = call.state.with(&shared, |payment| {
        events::created(call.state, payment);
        if let Some(problem) = decline(payment.order.amount) {
            events::reservation_failed(call.state, payment);
            return Err(problem);
        }
        attempt::reserve(call.state, payment, agreement.used.clone());
        let charge_id = payment.charges.last().map(|charge| charge.id.clone());
        Ok(json!({ "paymentId": payment.id, "chargeId": charge_id }))
    })?;
    if let Some(agreement) = locked(&call.state.agreements).get_mut(agreement_id) {
        agreement.charged_at = call.state.stage.clock.now();
    }
    Ok((200, Some(body)))
}

fn decline(amount: i64) -> Option<Problem> {
    match amount {
        DECLINED_AMOUNT => Some(Problem::Empty(402)),
        HARD_DECLINED_AMOUNT => {
            let text = "The issuer says never to try again.";
            Some(Problem::payment_required("1029", text))
        }
        _ => None,
    }
}

/// `GET …/charges/status`, which needs the key of the charge.
pub(crate) fn status(call: &Call<'_>, kind: Kind, id: &str) -> Answer {
    if call.key.is_none() {
        let text = "The Idempotency-Key header is required.";
        return Err(Problem::field("Idempotency-Key", text));
    }
    agreement::find(call.state, call.account, kind, id).ok_or(Problem::NOT_FOUND)?;
    let mut place = call.place().ok_or(Problem::NOT_FOUND)?;
    place
        .1
        .truncate(place.1.len().saturating_sub("/status".len()));
    let mut body = call.state.replays.find(&place).ok_or(Problem::NOT_FOUND)?;
    body["completed"] = json!(true);
    Ok((200, Some(body)))
}
