//! `POST /payments/{reference}/capture`: takes all or a part of what was authorised.

use chrono::TimeDelta;
use mcpay_port::Currency;

use super::payment::{Payment, Status};
use super::{modification, render};
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::outcomes::{self, CaptureFailure};
use crate::sandbox::problem::Problem;

/// # Errors
/// 400 with a code, 404.
pub(crate) fn capture(call: &Call<'_>, reference: &str) -> Answer {
    let shared = modification::get(call, reference)?;
    let amount = modification::read(call)?;
    let mut payment = modification::settled(call, &shared);
    check(call, &payment, amount)?;
    if let Some(failure) = outcomes::find_capture_failure(amount, payment.has_failed_capture) {
        return Err(fail(call, &mut payment, amount, failure));
    }
    payment.captured = payment.captured.saturating_add(amount);
    payment.note(call.state, "CAPTURED", amount, Some(call.key), true);
    Ok(Reply::json(200, render::modified(&payment)))
}

fn check(call: &Call<'_>, payment: &Payment, amount: i64) -> Result<(), Problem> {
    if payment.status != Status::Authorized {
        let text = "The amount you tried to capture is not reserved.";
        return Err(Problem::code("6080", text));
    }
    if amount > payment.left_to_capture() {
        return Err(if payment.captured == payment.authorized {
            Problem::code("6170", "Everything is captured.")
        } else if payment.left_to_capture() == 0 {
            Problem::code("6070", "The rest was cancelled.")
        } else {
            let left = payment.left_to_capture();
            Problem::code("6090", format!("At most {left} can be captured."))
        });
    }
    if is_too_late(call, payment) {
        return Err(Problem::code("6100", "The money is no longer reserved."));
    }
    Ok(())
}

/// 180 days in Norway, 14 elsewhere.
pub(crate) fn is_too_late(call: &Call<'_>, payment: &Payment) -> bool {
    let days = if payment.currency == Currency::NOK {
        180
    } else {
        14
    };
    payment
        .authorized_at
        .is_some_and(|at| call.now.signed_duration_since(at) > TimeDelta::days(days))
}

fn fail(call: &Call<'_>, payment: &mut Payment, amount: i64, failure: CaptureFailure) -> Problem {
    payment.note(call.state, "CAPTURED", amount, Some(call.key), false);
    match failure {
        CaptureFailure::FundsUnavailable => {
            Problem::code("6260", "The bank has released the reservation.")
        }
        CaptureFailure::TryLater => {
            payment.has_failed_capture = true;
            let mut problem = Problem::code("6280", "Try again later, with the same key.");
            problem.is_transient = true;
            problem
        }
    }
}
