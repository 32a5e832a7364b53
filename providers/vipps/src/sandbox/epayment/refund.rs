//! `POST /payments/{reference}/refund`: gives back all or a part of what was captured.

use chrono::TimeDelta;

use super::payment::Status;
use super::{modification, render};
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::outcomes::{self, RefundFailure};
use crate::sandbox::problem::Problem;

const REFUNDABLE_FOR: TimeDelta = TimeDelta::days(365);

/// # Errors
/// 400 with a code, 404.
pub(crate) fn refund(call: &Call<'_>, reference: &str) -> Answer {
    let shared = modification::get(call, reference)?;
    let amount = modification::read(call)?;
    let mut payment = modification::settled(call, &shared);
    if payment.status != Status::Authorized {
        return Err(Problem::code("6020", "Nothing is reserved."));
    }
    if amount > payment.left_to_refund() {
        let left = payment.left_to_refund();
        return Err(Problem::code(
            "6150",
            format!("At most {left} can be refunded."),
        ));
    }
    let late = |at| call.now.signed_duration_since(at) > REFUNDABLE_FOR;
    let failure = outcomes::find_refund_failure(amount).or_else(|| {
        payment
            .authorized_at
            .is_some_and(late)
            .then_some(RefundFailure::TooLate)
    });
    if let Some(failure) = failure {
        payment.note(call.state, "REFUNDED", amount, Some(call.key), false);
        return Err(match failure {
            RefundFailure::NoReceiver => {
                Problem::code("5100", "The payer has no account that can receive it.")
            }
            RefundFailure::TooLate => Problem::code("6220", "A refund is possible for a year."),
        });
    }
    payment.refunded = payment.refunded.saturating_add(amount);
    payment.note(call.state, "REFUNDED", amount, Some(call.key), true);
    Ok(Reply::json(200, render::modified(&payment)))
}
