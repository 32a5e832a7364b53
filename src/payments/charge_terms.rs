//! What a charge is about, read from a backend's request: pure. Every broken field at once.

use std::time::Duration;

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use mcpay_port::{Currency, KeptCharges, Money};
use rust_decimal::Decimal;

use super::agreement::Agreement;
use super::asked::{ChargeRequest, MAX_DESCRIPTION_CHARACTERS, MAX_REFERENCE_CHARACTERS};
use super::operate::read_amount;
use super::payment::{Payment, Status};
use super::terms::FieldError;
use crate::catalogue::vat::included_vat;
use crate::clients::ClientProfile;

/// No charge is planned further ahead.
const MAX_YEARS_AHEAD: i32 = 2;
/// CONTRACT 8.4: when a charge is made on its day.
const HOUR_OF_CHARGES: u32 = 9;
const KEPT_MARGIN: TimeDelta = TimeDelta::days(1);
const LOOKS_AFTER_A_HINT: i32 = 3;

/// A charge, checked.
pub(super) struct ChargeTerms {
    pub external_reference: String,
    pub amount: Money,
    pub vat: Money,
    pub description: String,
    /// When it is asked to be made; as soon as may be when absent.
    pub due_at: Option<DateTime<Utc>>,
}

/// # Errors
/// Every broken field at once.
pub(super) fn read_charge(
    request: &ChargeRequest,
    agreement: &Agreement,
    profile: &ClientProfile,
    now: DateTime<Utc>,
) -> Result<ChargeTerms, Vec<FieldError>> {
    let mut errors = Vec::new();
    let currency = agreement.amount.currency();
    if request
        .currency
        .as_deref()
        .is_some_and(|code| code != currency.code())
    {
        let message = "must be the agreement's currency.";
        errors.push(FieldError::new("currency", "not_allowed", message));
    }
    check_length(
        &request.external_reference,
        "externalReference",
        MAX_REFERENCE_CHARACTERS,
        &mut errors,
    );
    check_length(
        &request.description,
        "description",
        MAX_DESCRIPTION_CHARACTERS,
        &mut errors,
    );
    let amount = match read_amount(request.amount, currency) {
        Ok(amount) => amount,
        Err(error) => {
            errors.push(error);
            Money::zero(currency)
        }
    };
    let vat = read_vat(request.vat_amount, amount, agreement, profile, &mut errors);
    let due_at = request
        .due_date
        .and_then(|day| read_due_date(day, &profile.client.country, now, &mut errors));
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(ChargeTerms {
        external_reference: request.external_reference.clone(),
        amount,
        vat,
        description: request.description.clone(),
        due_at,
    })
}

fn check_length(text: &str, field: &str, longest: usize, errors: &mut Vec<FieldError>) {
    if text.trim().is_empty() {
        errors.push(FieldError::new(field, "required", "is required."));
    } else if text.chars().count() > longest {
        let message = format!("must have at most {longest} characters.");
        errors.push(FieldError::new(field, "too_long", message));
    }
}

/// As of a first payment: what was given, else by the coupon's percentage, else none.
fn read_vat(
    given: Option<Decimal>,
    amount: Money,
    agreement: &Agreement,
    profile: &ClientProfile,
    errors: &mut Vec<FieldError>,
) -> Money {
    let currency: Currency = amount.currency();
    let Some(given) = given else {
        let coupon = profile.coupons.get(&agreement.coupon);
        return coupon
            .and_then(|coupon| included_vat(amount, coupon.vat_percent).ok())
            .unwrap_or_else(|| Money::zero(currency));
    };
    match Money::from_major(given, currency) {
        Ok(vat) if (0..=amount.minor()).contains(&vat.minor()) => vat,
        _ => {
            let message = "must be between 0 and the amount, with no more decimals than it.";
            errors.push(FieldError::new("vatAmount", "out_of_range", message));
            Money::zero(currency)
        }
    }
}

fn read_due_date(
    day: NaiveDate,
    country: &str,
    now: DateTime<Utc>,
    errors: &mut Vec<FieldError>,
) -> Option<DateTime<Utc>> {
    let zone = zone_of(country);
    let today = now.with_timezone(&zone).date_naive();
    let last = today
        .with_year(today.year() + MAX_YEARS_AHEAD)
        .unwrap_or(today + TimeDelta::days(730));
    let due_at = charges_at(day, zone);
    if day < today || day > last || due_at.is_none() {
        let message = "must be today or later, and at most two years ahead.";
        errors.push(FieldError::new("dueDate", "out_of_range", message));
        return None;
    }
    due_at
}

fn charges_at(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let at = day.and_hms_opt(HOUR_OF_CHARGES, 0, 0)?;
    // Clocks change at night, so nine o'clock is there once on every day.
    let local = zone.from_local_datetime(&at).earliest()?;
    Some(local.with_timezone(&Utc))
}

/// Where the clients are. Countries with several zones would need the client to name one.
fn zone_of(country: &str) -> Tz {
    match country {
        "DK" => Tz::Europe__Copenhagen,
        "FI" | "AX" => Tz::Europe__Helsinki,
        "FO" => Tz::Atlantic__Faroe,
        "GL" => Tz::America__Nuuk,
        "IS" => Tz::Atlantic__Reykjavik,
        "NO" | "SJ" => Tz::Europe__Oslo,
        "SE" => Tz::Europe__Stockholm,
        _ => Tz::UTC,
    }
}

/// When a charge is due that the provider keeps: on the day that was asked for, unless that is today;
/// else on `first`, which the provider names where it takes nothing at once.
pub(super) fn kept_due_at(
    asked: Option<DateTime<Utc>>,
    first: Option<NaiveDate>,
    country: &str,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let zone = zone_of(country);
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    asked
        .filter(|at| day(*at) > day(now))
        .or_else(|| charges_at(first?, zone))
}

/// The day of a charge that the provider keeps until then.
pub(super) fn date_of(payment: &Payment, country: &str) -> Option<NaiveDate> {
    Some(
        payment
            .due_at?
            .with_timezone(&zone_of(country))
            .date_naive(),
    )
}

/// A charge that the provider has and keeps says nothing new before its day. After a hint it is looked
/// at a few times all the same: the provider's books may be slower than its messages.
pub(super) fn wait_for_its_day(payment: &mut Payment, now: DateTime<Utc>) {
    let is_kept = payment.charge_of.is_some()
        && payment.provider_ref.is_some()
        && payment.status == Status::Initiated
        && payment.inquiries >= LOOKS_AFTER_A_HINT;
    let day = payment.due_at.filter(|due_at| is_kept && *due_at > now);
    if let (Some(day), Some(next)) = (day, payment.inquire_at) {
        payment.inquire_at = Some(next.max(day));
    }
}

/// When a charge that the provider keeps is over for us as well: after its last try, and a day for
/// whatever may be late. Until then only the provider ends it (CONTRACT 8.8).
pub(super) fn kept_until(due_at: DateTime<Utc>, kept: KeptCharges) -> DateTime<Utc> {
    due_at + pay_within(kept.tried_for) + KEPT_MARGIN
}

/// Longer than a century is for ever.
pub(super) fn pay_within(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(36_500))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_are_made_at_nine_in_the_country_in_winter_and_in_summer() {
        let at = |year, month, day, country| {
            let day = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            charges_at(day, zone_of(country)).unwrap().to_rfc3339()
        };
        assert_eq!(at(2026, 12, 1, "NO"), "2026-12-01T08:00:00+00:00");
        assert_eq!(at(2026, 7, 1, "NO"), "2026-07-01T07:00:00+00:00");
        assert_eq!(at(2026, 12, 1, "FI"), "2026-12-01T07:00:00+00:00");
        assert_eq!(at(2027, 3, 28, "SE"), "2027-03-28T07:00:00+00:00");
        assert_eq!(at(2026, 10, 25, "DK"), "2026-10-25T08:00:00+00:00");
        assert_eq!(at(2026, 7, 1, "IS"), "2026-07-01T09:00:00+00:00");
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn what_the_provider_keeps_is_due_on_the_asked_day_or_the_first_that_it_takes() {
        let now = at("2026-03-01T10:00:00Z");
        let (today, later) = (at("2026-03-01T08:00:00Z"), at("2026-03-05T08:00:00Z"));
        let first = NaiveDate::from_ymd_opt(2026, 3, 2);
        let first_at = at("2026-03-02T08:00:00Z");
        let due = |asked, first| kept_due_at(asked, first, "NO", now);
        assert_eq!(due(Some(later), first), Some(later));
        assert_eq!(due(Some(later), None), Some(later));
        assert_eq!(due(Some(today), first), Some(first_at));
        assert_eq!(due(None, first), Some(first_at));
        assert_eq!(due(Some(today), None), None, "taken at once");
        assert_eq!(due(None, None), None, "taken at once");
    }

    #[test]
    fn what_the_provider_keeps_is_over_a_day_after_its_last_try() {
        let tried_for = Duration::from_secs(3 * 24 * 3600);
        let end = kept_until(at("2026-03-02T08:00:00Z"), KeptCharges { tried_for });
        assert_eq!(end, at("2026-03-06T08:00:00Z"));
    }
}
