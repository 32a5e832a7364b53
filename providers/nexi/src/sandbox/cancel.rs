//! `POST /v1/payments/{id}/cancels`: releases what is reserved and not charged. It takes no
//! idempotency key.

use super::api::{Answer, Call};
use super::capture::Moved;
use super::events;
use super::problem::Problem;

pub(crate) fn cancel(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_payment(id)?;
    let moved = Moved::read(call.body)?;
    call.state.with(&shared, |payment| {
        let left = payment.uncharged();
        if left == 0 {
            return Err(Problem::NOT_ALLOWED);
        }
        if moved.amount == 0 || moved.amount > left {
            let text = "It is more than what is left of the reservation, or nothing.";
            return Err(Problem::field("amount", text));
        }
        if moved.amount != payment.order.amount && moved.items.is_none() {
            let text = "A part of the order needs order items.";
            return Err(Problem::field("orderItems", text));
        }
        payment.cancelled = payment.cancelled.saturating_add(moved.amount);
        events::cancelled(call.state, payment, moved.amount, moved.items.as_deref());
        Ok((204, None))
    })
}
