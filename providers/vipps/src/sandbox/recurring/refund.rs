//! `POST .../charges/{id}/refund`: gives back all or a part of what was captured.

use super::capture::{change, read_amount};
use super::charge::{Change, Status};
use super::pricing::least_of;
use crate::sandbox::api::{Answer, Call};
use crate::sandbox::outcomes::{self, RefundFailure};
use crate::sandbox::problem::Problem;

/// # Errors
/// 400 with `operation-failed`, 404.
pub(crate) fn refund(call: &Call<'_>, agreement: &str, id: &str) -> Answer {
    let least = least_of(call.account.currency);
    let amount = read_amount(call, least..=i64::from(i32::MAX))?;
    change(call, agreement, id, Change::Refund(amount), |charge| {
        let paid = matches!(charge.status, Status::Charged | Status::PartiallyRefunded);
        if !paid || amount > charge.left_to_refund() {
            let left = if paid { charge.left_to_refund() } else { 0 };
            let status = charge.status.name();
            let text = format!("The charge is {status} and {left} can be refunded");
            return Err(failed(&text));
        }
        match outcomes::find_refund_failure(amount) {
            None => Ok(()),
            Some(RefundFailure::NoReceiver) => {
                Err(failed("The payer has no account that can receive it"))
            }
            Some(RefundFailure::TooLate) => Err(failed("A refund is possible for a year")),
        }
    })
}

fn failed(text: &str) -> Problem {
    Problem::recurring(400, "operation-failed", text)
}
