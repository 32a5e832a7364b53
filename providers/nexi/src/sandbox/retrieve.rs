//! `GET` of a payment, a charge and a refund.

use chrono::TimeDelta;
use serde_json::json;

use super::api::{Answer, Call};
use super::payment::Payment;
use super::problem::Problem;
use super::state::locked;
use super::{attempt, render};

/// How often a payment may be retrieved in an hour.
const RETRIEVES_PER_HOUR: usize = 30;

/// `GET /v1/payments/{id}`
pub(crate) fn retrieve(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_payment(id)?;
    call.state.with(&shared, |payment| {
        take_turn(call, payment)?;
        attempt::approve_by_itself(call.state, payment);
        Ok((200, Some(render::payment(call.state, payment))))
    })
}

/// # Errors
/// 429, when it was retrieved too often in the last hour.
fn take_turn(call: &Call<'_>, payment: &mut Payment) -> Result<(), Problem> {
    let now = call.state.stage.clock.now();
    let is_old = |at| now.signed_duration_since(at) >= TimeDelta::hours(1);
    payment.retrieved_at.retain(|at| !is_old(*at));
    let is_limited = locked(&call.state.rules).retrieve_limit;
    if payment.retrieved_at.len() < RETRIEVES_PER_HOUR {
        payment.retrieved_at.push_back(now);
        Ok(())
    } else if is_limited {
        Err(Problem::Empty(429))
    } else {
        Ok(())
    }
}

/// `GET /v1/charges/{id}` and `GET /v1/refunds/{id}`
pub(crate) fn part(call: &Call<'_>, part: &str, id: &str) -> Answer {
    let shared = call.get_by_part(id)?;
    let id = id.replace('-', "").to_ascii_lowercase();
    let payment = locked(&shared);
    let (name, amount) = if part == "charges" {
        let charge = payment.charges.iter().find(|charge| charge.id == id);
        ("chargeId", charge.map(|charge| charge.amount))
    } else {
        let refund = payment.refunds.iter().find(|refund| refund.id == id);
        ("refundId", refund.map(|refund| refund.amount))
    };
    let amount = amount.ok_or(Problem::NOT_FOUND)?;
    Ok((
        200,
        Some(json!({ name: id, "amount": amount, "surchargeAmount": 0 })),
    ))
}
