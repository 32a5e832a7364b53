//! `POST {id}/captures`: takes all or a part of what was authorised.

use super::api::{Answer, Call};
use super::order::{FAILURES_THAT_LOCK, Order, Status};
use super::problems::Problem;
use super::state::locked;
use super::transaction::{self, Body};

/// # Errors
/// 400 for fields and used references, 403 when there is not so much to capture, 404.
pub(crate) fn capture(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_order(id)?;
    let body = Body::read(call, true)?;
    let refused = locked(&call.state.rules).refuse_captures;
    let mut order = locked(&shared);
    if let Err(problem) = check(&order, &body, refused) {
        // Only a capture that the order's state would allow counts as a failed one.
        if order.may_capture() {
            order.capture_failures += 1;
            let event = if body.amount < order.amount {
                "PaymentPartiallyCapturedFailed"
            } else {
                "PaymentCapturedFailed"
            };
            return Err(transaction::fail(
                call, &mut order, "Capture", event, problem,
            ));
        }
        return Err(problem);
    }
    transaction::use_reference(call, &mut order, &body)?;
    order.captured = order.captured.saturating_add(body.amount);
    order.capture_failures = 0;
    let event = if order.left_to_capture() == 0 {
        "PaymentCaptured"
    } else {
        "PaymentPartiallyCaptured"
    };
    transaction::succeed(call, &mut order, "Capture", event, body);
    Ok((200, call.render(&order)))
}

fn check(order: &Order, body: &Body, refused: bool) -> Result<(), Problem> {
    if order.capture_failures >= FAILURES_THAT_LOCK {
        return Err(Problem::forbidden(
            "Capture",
            "Locked after five failed captures; contact the provider's support.",
        ));
    }
    if order.status != Status::Paid || order.left_to_capture() == 0 {
        return Err(Problem::forbidden(
            "Capture",
            format!(
                "There is nothing to capture on a payment order that is {}.",
                order.status.name()
            ),
        ));
    }
    if body.amount > order.left_to_capture() {
        return Err(Problem::forbidden("Capture", "Capture amount too high."));
    }
    if refused {
        return Err(Problem::forbidden(
            "Capture",
            "The acquirer refused the capture.",
        ));
    }
    Ok(())
}
