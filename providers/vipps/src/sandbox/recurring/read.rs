//! `GET /agreements/{id}`, and a charge by its agreement or by its id alone.

use super::FAMILY;
use super::{agreement, render};
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::problem::Problem;
use crate::sandbox::state::SharedAgreement;

/// # Errors
/// 404.
pub(crate) fn agreement(call: &Call<'_>, id: &str) -> Answer {
    let shared = agreement::get(call, id)?;
    let agreement = agreement::settled(call, &shared);
    Ok(Reply::json(200, render::agreement(call.state, &agreement)))
}

/// # Errors
/// 404.
pub(crate) fn charge(call: &Call<'_>, agreement: &str, id: &str) -> Answer {
    let shared = agreement::get(call, agreement)?;
    find(call, &shared, id)
}

/// # Errors
/// 404.
pub(crate) fn charge_by_id(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.state.books(|books| books.find_charge(call.unit(), id));
    match shared {
        Some(shared) => find(call, &shared, id),
        None => Err(missing()),
    }
}

fn find(call: &Call<'_>, shared: &SharedAgreement, id: &str) -> Answer {
    let agreement = agreement::settled(call, shared);
    let charge = agreement.charges.iter().find(|charge| charge.id == id);
    charge
        .map(|charge| Reply::json(200, render::charge(&agreement.name, charge)))
        .ok_or_else(missing)
}

fn missing() -> Problem {
    Problem::not_found(FAMILY, "Charge not found.")
}
