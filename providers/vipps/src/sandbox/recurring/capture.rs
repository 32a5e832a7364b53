//! `POST .../charges/{id}/capture`, and how any change of a charge is carried out: at once with
//! 204, or later with 202.

use std::ops::RangeInclusive;

use chrono::TimeDelta;

use super::FAMILY;
use super::agreement::{self, Agreement, wake};
use super::charge::{Accepted, Change, Charge, Status};
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::fields::{Fields, Wrong};
use crate::sandbox::outcomes::{self, CaptureFailure};
use crate::sandbox::problem::Problem;
use crate::sandbox::state::locked;

/// How long an accepted change takes on the sandbox's clock.
const ACCEPTED_FOR: TimeDelta = TimeDelta::seconds(2);

/// # Errors
/// 400 with `charge-capture-failed`, 404.
pub(crate) fn capture(call: &Call<'_>, agreement: &str, id: &str) -> Answer {
    let amount = read_amount(call, 1..=i64::from(i32::MAX))?;
    change(call, agreement, id, Change::Capture(amount), |charge| {
        let open = matches!(charge.status, Status::Reserved | Status::PartiallyCaptured);
        if !open || amount > charge.left_to_capture() {
            let text = format!(
                "The charge is {} and {} can be captured",
                charge.status.name(),
                if open { charge.left_to_capture() } else { 0 },
            );
            return Err(Problem::recurring(400, "charge-capture-failed", text));
        }
        match outcomes::find_capture_failure(amount, charge.has_failed_capture) {
            None => Ok(()),
            Some(CaptureFailure::FundsUnavailable) => {
                let text = "The bank has released the reservation";
                Err(Problem::recurring(400, "charge-capture-failed", text))
            }
            Some(CaptureFailure::TryLater) => {
                charge.has_failed_capture = true;
                let text = "The charge is locked, try again later";
                let mut problem = Problem::recurring(423, "operation-failed", text);
                problem.is_transient = true;
                Err(problem)
            }
        }
    })
}

/// `amount` and `description` of a capture or a refund.
///
/// # Errors
/// 400
pub(crate) fn read_amount(call: &Call<'_>, bounds: RangeInclusive<i64>) -> Result<i64, Problem> {
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let amount = fields.required_integer("amount", bounds);
    fields.required_text("description", 1..=45);
    fields.close();
    wrong.check(FAMILY)?;
    Ok(amount)
}

/// Changes a charge when `check` finds nothing against it.
///
/// # Errors
/// What `check` finds, or 404.
pub(crate) fn change(
    call: &Call<'_>,
    agreement: &str,
    id: &str,
    wish: Change,
    check: impl FnOnce(&mut Charge) -> Result<(), Problem>,
) -> Answer {
    let shared = agreement::get(call, agreement)?;
    let mut agreement = agreement::settled(call, &shared);
    let Agreement { name, charges, .. } = &mut *agreement;
    let charge = charges
        .iter_mut()
        .find(|charge| charge.id == id)
        .ok_or_else(|| Problem::not_found(FAMILY, "Charge not found."))?;
    check(charge)?;
    if locked(&call.state.rules).accepts_only {
        let at = call.now + ACCEPTED_FOR;
        let key = call.key.to_owned();
        charge.accepted.push(Accepted {
            at,
            change: wish,
            key,
        });
        wake(call.state, &shared, at);
        return Ok(Reply::empty(202));
    }
    charge.carry_out(call.state, name, wish, call.key);
    Ok(Reply::empty(204))
}
