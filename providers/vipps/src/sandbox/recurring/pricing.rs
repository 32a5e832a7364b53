//! What an agreement costs and how often, and the ceiling of its charges.

use chrono::{Months, NaiveDate, TimeDelta};
use mcpay_port::Currency;
use serde_json::{Value, json};

use super::FAMILY;
use super::agreement::Agreement;
use super::charge::{Kind, Status};
use crate::sandbox::fields::Fields;
use crate::sandbox::problem::Problem;

/// Charges within an interval may sum to so many times the price.
const LEGACY_CEILING: i64 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pricing {
    Legacy { amount: i64 },
    Variable { suggested_max: i64 },
    Flexible,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) unit: &'static str,
    pub(crate) count: i64,
}

/// A crown in Norway, the smallest coin elsewhere.
pub(crate) fn least_of(currency: Currency) -> i64 {
    if currency == Currency::NOK { 100 } else { 1 }
}

impl Pricing {
    pub(crate) fn to_json(self, currency: Currency) -> Value {
        let currency = currency.code();
        match self {
            Self::Legacy { amount } => {
                json!({ "type": "LEGACY", "amount": amount, "currency": currency })
            }
            Self::Variable { suggested_max } => json!({
                "type": "VARIABLE", "currency": currency,
                "suggestedMaxAmount": suggested_max, "maxAmount": suggested_max,
            }),
            Self::Flexible => json!({ "type": "FLEXIBLE", "currency": currency }),
        }
    }

    /// Reads `pricing`; what is wrong is noted.
    pub(crate) fn read(fields: &Fields<'_>, currency: Currency) -> Self {
        let pricing = fields.object("pricing");
        let kind = pricing.one_of("type", &["LEGACY", "VARIABLE", "FLEXIBLE"]);
        let sent = pricing.required_one_of("currency", &["NOK", "DKK", "EUR"]);
        if sent.is_some_and(|sent| sent != currency.code()) {
            pricing.refuse("currency", "is not the sales unit's");
        }
        let least = least_of(currency);
        let read = match kind.unwrap_or("LEGACY") {
            "VARIABLE" => Self::Variable {
                suggested_max: pricing
                    .required_integer("suggestedMaxAmount", least..=most_of(currency)),
            },
            "FLEXIBLE" => Self::Flexible,
            _ => Self::Legacy {
                amount: pricing.required_integer("amount", least..=i64::from(i32::MAX)),
            },
        };
        pricing.close();
        read
    }
}

/// The highest `suggestedMaxAmount`.
pub(crate) fn most_of(currency: Currency) -> i64 {
    match currency.code() {
        "NOK" => 2_000_000,
        "DKK" => 30_000_000,
        _ => 200_000,
    }
}

impl Interval {
    pub(crate) fn read(fields: &Fields<'_>) -> Self {
        let unit = fields.required_one_of("unit", &["YEAR", "MONTH", "WEEK", "DAY"]);
        let count = fields.required_integer("count", 1..=31);
        fields.close();
        Self {
            unit: unit.unwrap_or_default(),
            count,
        }
    }

    pub(crate) fn to_json(self) -> Value {
        let unit = self.unit.to_ascii_lowercase();
        let text = match self.count {
            1 => format!("every {unit}"),
            count => format!("every {count} {unit}s"),
        };
        json!({ "unit": self.unit, "count": self.count, "text": text })
    }

    /// The same day an interval earlier.
    fn before(self, day: NaiveDate) -> NaiveDate {
        let months = |each: u32| u32::try_from(self.count).unwrap_or(1).saturating_mul(each);
        let earlier = match self.unit {
            "YEAR" => day.checked_sub_months(Months::new(months(12))),
            "MONTH" => day.checked_sub_months(Months::new(months(1))),
            "WEEK" => day.checked_sub_signed(TimeDelta::weeks(self.count)),
            _ => day.checked_sub_signed(TimeDelta::days(self.count)),
        };
        earlier.unwrap_or(NaiveDate::MIN)
    }
}

/// Whether another charge would cost the payer more than was agreed.
///
/// # Errors
/// `charge-amount-too-high`
pub(crate) fn check_ceiling(
    agreement: &Agreement,
    amount: i64,
    due: NaiveDate,
) -> Result<(), Problem> {
    let ceiling = match agreement.pricing {
        Pricing::Legacy { amount } => amount.saturating_mul(LEGACY_CEILING),
        Pricing::Variable { suggested_max } => suggested_max,
        Pricing::Flexible => return Ok(()),
    };
    let since = agreement
        .interval
        .map_or(due, |interval| interval.before(due));
    let counted = agreement.charges.iter().filter(|charge| {
        charge.kind != Kind::Initial
            && !matches!(charge.status, Status::Failed | Status::Cancelled)
            && agreement.interval.is_some()
            && charge.due > since
            && charge.due <= due
    });
    let sum: i64 = counted.map(|charge| charge.amount).sum();
    if sum.saturating_add(amount) > ceiling {
        let text = format!("The charges of an interval may sum to {ceiling}");
        return Err(Problem::recurring(400, "charge-amount-too-high", text));
    }
    Ok(())
}

/// The problem of a field that the pricing does not have.
pub(crate) fn wrong_pricing(text: &str) -> Problem {
    let entry = crate::sandbox::problem::Entry {
        name: "pricing".to_owned(),
        reason: text.to_owned(),
    };
    Problem::invalid(FAMILY, &[entry])
}
