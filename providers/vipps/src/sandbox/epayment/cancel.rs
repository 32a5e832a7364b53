//! `POST /payments/{reference}/cancel`: closes an open payment, or releases what was not captured.

use super::capture::is_too_late;
use super::payment::Status;
use super::{FAMILY, modification, render};
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::fields::{Fields, Wrong};
use crate::sandbox::problem::Problem;

/// # Errors
/// 400 with a code, 404.
pub(crate) fn cancel(call: &Call<'_>, reference: &str) -> Answer {
    let shared = modification::get(call, reference)?;
    let only_open = reads_only_open(call)?;
    let mut payment = modification::settled(call, &shared);
    match payment.status {
        Status::Created => {
            payment.status = Status::Terminated;
            payment.cancelled = payment.amount;
            let amount = payment.amount;
            payment.note(call.state, "TERMINATED", amount, Some(call.key), true);
        }
        Status::Authorized if only_open => {
            return Err(Problem::code("6060", "The payment is authorized."));
        }
        Status::Authorized if payment.left_to_capture() == 0 && payment.captured > 0 => {
            return Err(Problem::code(
                "6040",
                "Everything is captured or cancelled.",
            ));
        }
        Status::Authorized if payment.left_to_capture() == 0 => {
            return Err(Problem::code("6190", "Everything is cancelled."));
        }
        Status::Authorized if is_too_late(call, &payment) => {
            return Err(Problem::code("6030", "The money is no longer reserved."));
        }
        Status::Authorized => {
            let amount = payment.left_to_capture();
            payment.cancelled = payment.cancelled.saturating_add(amount);
            payment.note(call.state, "CANCELLED", amount, None, true);
        }
        Status::Aborted | Status::Expired | Status::Terminated => {
            let text = format!("The payment is {}.", payment.status.name());
            return Err(Problem::code("6190", text));
        }
    }
    Ok(Reply::json(200, render::modified(&payment)))
}

fn reads_only_open(call: &Call<'_>) -> Result<bool, Problem> {
    if call.body.is_null() {
        return Ok(false);
    }
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let only_open = fields.flag("cancelTransactionOnly");
    fields.close();
    wrong.check(FAMILY)?;
    Ok(only_open)
}
