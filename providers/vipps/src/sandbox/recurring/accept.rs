//! `PATCH /agreements/{id}/accept`: the test environment accepts in the payer's place.

use super::FAMILY;
use super::agreement;
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::fields::{Fields, Wrong};
use crate::sandbox::person::is_phone;
use crate::sandbox::problem::Problem;

/// # Errors
/// 400, 404.
pub(crate) fn accept(call: &Call<'_>, id: &str) -> Answer {
    let shared = agreement::get(call, id)?;
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let phone = fields.required_text("phoneNumber", 10..=15);
    if !is_phone(phone) {
        fields.refuse("phoneNumber", "must match '^\\d{10,15}$'");
    }
    fields.close();
    wrong.check(FAMILY)?;
    let mut agreement = agreement::settled(call, &shared);
    if !agreement.is_open() {
        let text = format!("The agreement is {}", agreement.status.name());
        return Err(Problem::recurring(400, "operation-failed", text));
    }
    agreement.visit.phone = Some(phone.to_owned());
    agreement.activate(call.state);
    Ok(Reply::empty(204))
}
