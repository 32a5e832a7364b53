//! `GET /payments/{reference}` and its event log.

use super::{modification, render};
use crate::sandbox::api::{Answer, Call, Reply};

/// # Errors
/// 404.
pub(crate) fn payment(call: &Call<'_>, reference: &str) -> Answer {
    let shared = modification::get(call, reference)?;
    let payment = modification::settled(call, &shared);
    Ok(Reply::json(200, render::payment(call.state, &payment)))
}

/// # Errors
/// 404.
pub(crate) fn events(call: &Call<'_>, reference: &str) -> Answer {
    let shared = modification::get(call, reference)?;
    let payment = modification::settled(call, &shared);
    let events = payment
        .events
        .iter()
        .map(|event| render::event(&payment, event));
    Ok(Reply::json(200, events.collect()))
}
