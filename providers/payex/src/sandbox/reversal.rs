//! `POST {id}/reversals`: gives back all or a part of what was captured.

use super::api::{Answer, Call};
use super::order::{FAILURES_THAT_LOCK, Order, Status};
use super::problems::Problem;
use super::state::locked;
use super::transaction::{self, Body};

/// # Errors
/// 400 for fields and used references, 403 when there is not so much to give back, 404.
pub(crate) fn reverse(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_order(id)?;
    let body = Body::read(call, true)?;
    let mut order = locked(&shared);
    if let Err(problem) = check(&order, &body) {
        if order.may_reverse() {
            order.reversal_failures += 1;
            let event = if body.amount < order.amount {
                "PaymentPartiallyReversedFailed"
            } else {
                "PaymentReversedFailed"
            };
            return Err(transaction::fail(
                call, &mut order, "Reversal", event, problem,
            ));
        }
        return Err(problem);
    }
    transaction::use_reference(call, &mut order, &body)?;
    order.reversed = order.reversed.saturating_add(body.amount);
    order.reversal_failures = 0;
    let event = if order.left_to_reverse() == 0 {
        // While something is still authorised the order stays open for captures.
        if order.left_to_capture() == 0 {
            order.status = Status::Reversed;
        }
        "PaymentReversed"
    } else {
        "PaymentPartiallyReversed"
    };
    transaction::succeed(call, &mut order, "Reversal", event, body);
    Ok((200, call.render(&order)))
}

fn check(order: &Order, body: &Body) -> Result<(), Problem> {
    if order.reversal_failures >= FAILURES_THAT_LOCK {
        return Err(Problem::forbidden(
            "Reversal",
            "Locked after five failed reversals; contact the provider's support.",
        ));
    }
    if order.status != Status::Paid || order.left_to_reverse() == 0 {
        return Err(Problem::forbidden(
            "Reversal",
            format!(
                "There is nothing to reverse on a payment order that is {}.",
                order.status.name()
            ),
        ));
    }
    if body.amount > order.left_to_reverse() {
        return Err(Problem::forbidden("Reversal", "Reversal amount too high."));
    }
    Ok(())
}
