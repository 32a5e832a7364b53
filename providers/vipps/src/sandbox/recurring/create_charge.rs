//! `POST /agreements/{id}/charges`: takes money without the payer, now or on a day.

use chrono::{Days, Months, NaiveDate};
use serde_json::json;

use super::FAMILY;
use super::agreement::{self, Agreement, Status, wake};
use super::charge::{Charge, Kind, begins_at};
use super::draft::{read_common, taken};
use super::pricing::{check_ceiling, least_of};
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::fields::{Fields, Wrong};
use crate::sandbox::outcomes;
use crate::sandbox::problem::Problem;

const LATEST: Months = Months::new(24);

/// # Errors
/// 400 for fields, the due date, the ceiling and an agreement that is not active; 403 for an
/// unscheduled charge of a sales unit that may not; 404; 409 for an order id that exists.
pub(crate) fn create(call: &Call<'_>, id: &str) -> Answer {
    let shared = agreement::get(call, id)?;
    let mut charge = read(call)?;
    let mut agreement = agreement::settled(call, &shared);
    check(call, &agreement, &charge)?;
    if !call
        .state
        .books(|books| books.add_charge(call.unit(), &charge.id, &shared))
    {
        return Err(taken(&charge.id));
    }
    let answer = json!({ "chargeId": charge.id });
    if charge.kind == Kind::Unscheduled {
        match outcomes::find_decline(charge.amount) {
            Some(decline) => charge.fail(call.state, &agreement.name, decline),
            None => charge.take(call.state, &agreement.name),
        }
    } else {
        charge.settle(call.state, &agreement.name);
        wake(call.state, &shared, begins_at(charge.due));
        if outcomes::find_decline(charge.amount).is_some() {
            wake(call.state, &shared, charge.fails_at());
        }
    }
    agreement.charges.push(charge);
    Ok(Reply::json(201, answer))
}

fn read(call: &Call<'_>) -> Result<Charge, Problem> {
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let least = least_of(call.account.currency);
    let amount = fields.required_integer("amount", least..=i64::from(i32::MAX));
    let mut charge = read_common(call, &fields, amount);
    let kind = fields.one_of("type", &["RECURRING", "UNSCHEDULED"]);
    let due = fields.text("due", 10..=10).map(str::parse::<NaiveDate>);
    let retry_days = fields.integer("retryDays", 0..=14);
    let mode = fields.one_of("processingMode", &["MULTIPLE_ATTEMPTS", "SINGLE_ATTEMPT"]);
    if mode == Some("SINGLE_ATTEMPT") && retry_days != Some(0) {
        fields.refuse("retryDays", "must be 0 for a SINGLE_ATTEMPT");
    }
    if kind == Some("UNSCHEDULED") {
        charge.kind = Kind::Unscheduled;
        for key in ["due", "retryDays"]
            .into_iter()
            .filter(|key| fields.has(key))
        {
            fields.refuse(key, "does not go with UNSCHEDULED");
        }
    } else {
        match due {
            Some(Ok(due)) => charge.due = due,
            Some(Err(_)) => fields.refuse("due", "must be a date, YYYY-MM-DD"),
            None if fields.has("due") => {}
            None => fields.refuse("due", "is required"),
        }
        if !fields.has("retryDays") {
            fields.refuse("retryDays", "is required");
        }
        charge.retry_days = retry_days.unwrap_or_default();
    }
    fields.close();
    wrong.check(FAMILY)?;
    Ok(charge)
}

fn check(call: &Call<'_>, agreement: &Agreement, charge: &Charge) -> Result<(), Problem> {
    if agreement.status != Status::Active {
        let text = format!("The agreement is {}", agreement.status.name());
        return Err(Problem::recurring(400, "charge-creation-failed", text));
    }
    if charge.kind == Kind::Unscheduled {
        if !call.account.unscheduled {
            let text = "This sales unit may not make unscheduled charges";
            return Err(Problem::recurring(403, "unsupported-feature", text));
        }
    } else {
        let today = call.now.date_naive();
        if today
            .checked_add_days(Days::new(1))
            .is_none_or(|earliest| charge.due < earliest)
        {
            let text = "Charge due date is too soon";
            return Err(Problem::recurring(400, "charge-due-too-soon", text));
        }
        if today
            .checked_add_months(LATEST)
            .is_none_or(|latest| charge.due > latest)
        {
            let text = "Charge due date is too far ahead";
            return Err(Problem::recurring(400, "charge-due-in-too-long", text));
        }
    }
    check_ceiling(agreement, charge.amount, charge.due)
}
