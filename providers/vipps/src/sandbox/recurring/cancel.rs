//! `DELETE .../charges/{id}`: cancels a charge, or what of it was not captured.

use super::capture::change;
use super::charge::{Change, Status};
use crate::sandbox::api::{Answer, Call};
use crate::sandbox::problem::Problem;

/// # Errors
/// 400 with `cancel-charge-failed`, 404.
pub(crate) fn cancel(call: &Call<'_>, agreement: &str, id: &str) -> Answer {
    change(call, agreement, id, Change::Cancel, |charge| {
        let possible = charge.is_open() || charge.status == Status::PartiallyCaptured;
        if possible && charge.left_to_capture() > 0 {
            return Ok(());
        }
        let text = format!("The charge is {}", charge.status.name());
        Err(Problem::recurring(400, "cancel-charge-failed", text))
    })
}
