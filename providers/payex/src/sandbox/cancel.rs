//! `POST {id}/cancellations`: releases everything that is authorised and not captured.

use super::api::{Answer, Call};
use super::order::Status;
use super::problems::Problem;
use super::state::locked;
use super::transaction::{self, Body};

/// # Errors
/// 400 for fields and used references, 403 when there is nothing to release, 404.
pub(crate) fn cancel(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_order(id)?;
    let mut body = Body::read(call, false)?;
    let mut order = locked(&shared);
    if !order.may_cancel() {
        return Err(Problem::forbidden(
            "Cancellation",
            format!(
                "There is nothing to cancel on a payment order that is {}.",
                order.status.name()
            ),
        ));
    }
    transaction::use_reference(call, &mut order, &body)?;
    body.amount = order.left_to_capture();
    order.cancelled = order.cancelled.saturating_add(body.amount);
    order.cancel_reason = Some(body.description.clone());
    let event = if order.captured == 0 {
        order.status = Status::Cancelled;
        "PaymentCancelled"
    } else {
        close_when_all_reversed(&mut order);
        "PaymentPartiallyCancelled"
    };
    transaction::succeed(call, &mut order, "Cancellation", event, body);
    Ok((200, call.render(&order)))
}

/// What was captured may have been given back already; then nothing of the payment is left.
fn close_when_all_reversed(order: &mut super::order::Order) {
    if order.left_to_reverse() == 0 {
        order.status = Status::Reversed;
    }
}
