//! `PUT /v1/payments/{id}/terminate`: ends a checkout that is not completed.

use super::api::{Answer, Call};
use super::payment::Payment;
use super::problem::Problem;
use super::state::State;

pub(crate) fn terminate(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_payment(id)?;
    call.state.with(&shared, |payment| {
        end(call.state, payment)?;
        Ok((204, None))
    })
}

/// # Errors
/// 409 when the payer has completed it, 405 when it is terminated already.
pub(crate) fn end(state: &State, payment: &mut Payment) -> Result<(), Problem> {
    if payment.paid.is_some() {
        return Err(Problem::CONFLICT);
    }
    if payment.terminated_at.is_some() {
        return Err(Problem::NOT_ALLOWED);
    }
    payment.terminated_at = Some(state.stage.clock.now());
    payment.challenge = None;
    Ok(())
}
