//! `GET` of an order and of its sub-resources.

use super::api::{Answer, Call};
use super::attempt;
use super::problems::Problem;
use super::render;
use super::state::locked;

/// The whole order.
///
/// # Errors
/// 404.
pub(crate) fn order(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_order(id)?;
    let mut order = locked(&shared);
    attempt::approve_by_itself(call.state, &mut order);
    Ok((200, call.render(&order)))
}

/// One sub-resource.
///
/// # Errors
/// 404, also for a sub-resource that does not exist.
pub(crate) fn part(call: &Call<'_>, id: &str, name: &str) -> Answer {
    let shared = call.get_order(id)?;
    let mut order = locked(&shared);
    attempt::approve_by_itself(call.state, &mut order);
    let body = render::part(&order, name).ok_or_else(|| Problem::not_found("The sub-resource"))?;
    Ok((200, body))
}
