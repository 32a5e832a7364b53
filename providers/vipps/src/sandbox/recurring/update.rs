//! `PATCH /agreements/{id}`: changes an agreement, or stops it.

use super::FAMILY;
use super::agreement::{self, Agreement, Status};
use super::pricing::{Interval, Pricing, least_of, most_of, wrong_pricing};
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::fields::{Fields, Wrong};
use crate::sandbox::problem::Problem;

/// # Errors
/// 400 with `illegal-agreement-update` for an agreement that is over, 404.
pub(crate) fn update(call: &Call<'_>, id: &str) -> Answer {
    let shared = agreement::get(call, id)?;
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let stops = fields.one_of("status", &["STOPPED"]).is_some();
    let alone = call
        .body
        .as_object()
        .is_some_and(|object| object.len() == 1);
    if stops && !alone {
        fields.refuse("status", "must stand alone");
    }
    let change = Change::read(&fields);
    fields.close();
    wrong.check(FAMILY)?;
    let mut agreement = agreement::settled(call, &shared);
    let may_stop = stops && agreement.status == Status::Pending;
    if agreement.status != Status::Active && !may_stop {
        let text = format!("The agreement is {}", agreement.status.name());
        return Err(Problem::recurring(400, "illegal-agreement-update", text));
    }
    if stops {
        agreement.stop(call.state, call.key);
    } else {
        change.apply(call, &mut agreement)?;
    }
    Ok(Reply::empty(204))
}

#[derive(Default)]
enum NewInterval {
    #[default]
    AsBefore,
    None,
    Every(Interval),
}

#[derive(Default)]
struct Change {
    product_name: Option<String>,
    product_description: Option<String>,
    agreement_url: Option<url::Url>,
    external_id: Option<String>,
    amount: Option<i64>,
    suggested_max: Option<i64>,
    interval: NewInterval,
}

impl Change {
    fn read(fields: &Fields<'_>) -> Self {
        let mut change = Self {
            product_name: fields.text("productName", 1..=45).map(str::to_owned),
            product_description: fields
                .text("productDescription", 1..=100)
                .map(str::to_owned),
            agreement_url: fields.url("merchantAgreementUrl"),
            external_id: fields.text("externalId", 1..=64).map(str::to_owned),
            ..Self::default()
        };
        if let Some(pricing) = fields.find_object("pricing") {
            let all = 1..=i64::from(i32::MAX);
            change.amount = pricing.integer("amount", all.clone());
            change.suggested_max = pricing.integer("suggestedMaxAmount", all);
            pricing.close();
        }
        if let Some(interval) = fields.find_object("interval") {
            let kind = interval.required_one_of("type", &["RECURRING", "FLEXIBLE"]);
            let period = interval
                .find_object("period")
                .map(|period| Interval::read(&period));
            if (kind == Some("RECURRING")) != period.is_some() {
                interval.refuse("period", "goes with RECURRING, and only with it");
            }
            interval.close();
            change.interval = period.map_or(NewInterval::None, NewInterval::Every);
        }
        change
    }

    fn apply(self, call: &Call<'_>, agreement: &mut Agreement) -> Result<(), Problem> {
        let currency = call.account.currency;
        match (&mut agreement.pricing, self.amount, self.suggested_max) {
            (_, None, None) => {}
            (Pricing::Legacy { amount }, Some(new), None) if new >= least_of(currency) => {
                *amount = new;
            }
            (Pricing::Variable { suggested_max }, None, Some(new)) => {
                if new < least_of(currency) || new > most_of(currency) {
                    let text = "suggestedMaxAmount is out of its bounds";
                    return Err(Problem::recurring(
                        400,
                        "invalid-suggested-max-amount",
                        text,
                    ));
                }
                *suggested_max = new;
            }
            _ => return Err(wrong_pricing("does not fit the agreement's type")),
        }
        if let Some(name) = self.product_name {
            agreement.product_name = name;
        }
        if let Some(url) = self.agreement_url {
            agreement.management_url = url;
        }
        match self.interval {
            NewInterval::AsBefore => {}
            NewInterval::None => agreement.interval = None,
            NewInterval::Every(interval) => agreement.interval = Some(interval),
        }
        agreement.product_description = self
            .product_description
            .or(agreement.product_description.take());
        agreement.name.external_id = self.external_id.or(agreement.name.external_id.take());
        Ok(())
    }
}
