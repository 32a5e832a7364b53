//! Our order -> the draft of an agreement, with its first payment as the initial charge.

use mcpay_port::{Failure, FailureKind, PaymentOrder, Period, PeriodUnit, ProviderError};

use crate::map::text::{find_msisdn, find_scope, short_description};
use crate::problem::unsupported;
use crate::wire::request::{DraftAgreement, InitialCharge, Interval, Pricing};

/// # Errors
/// `DidNotHappen`, before anything is sent.
pub fn draft(order: &PaymentOrder) -> Result<DraftAgreement<'_>, ProviderError> {
    let terms = order
        .agreement
        .as_ref()
        .ok_or_else(|| unsupported("a recurring payment needs the terms of an agreement"))?;
    if order.amount.minor() < 0 || !terms.amount.is_positive() {
        return Err(unsupported(
            "the amount or the recurring price is out of range",
        ));
    }
    if order.amount.currency() != terms.amount.currency() {
        return Err(unsupported(
            "the first and the later payments are in different currencies",
        ));
    }
    let merchant_agreement_url = order.urls.agreement.as_ref().ok_or_else(|| {
        let failure = Failure::new(FailureKind::Misconfigured);
        let why = "the client has no agreement_url, the page where a payer manages an agreement";
        ProviderError::DidNotHappen(failure.titled(why))
    })?;
    Ok(DraftAgreement {
        pricing: Pricing {
            kind: "LEGACY",
            amount: terms.amount.minor(),
            currency: terms.amount.currency().code(),
        },
        interval: terms.period.map(interval).transpose()?,
        merchant_redirect_url: order.urls.complete.as_str(),
        merchant_agreement_url: merchant_agreement_url.as_str(),
        product_name: short_description(&order.description),
        phone_number: find_msisdn(order.payer.phone_number.as_ref()),
        initial_charge: order.amount.is_positive().then(|| initial_charge(order)),
        scope: find_scope(&order.payer.profile_scope),
        external_id: order.reference.to_string(),
    })
}

/// Its id is our reference: an agreement alone then tells where its first payment is.
fn initial_charge(order: &PaymentOrder) -> InitialCharge {
    InitialCharge {
        amount: order.amount.minor(),
        description: short_description(&order.description),
        transaction_type: if order.capture_at_once {
            "DIRECT_CAPTURE"
        } else {
            "RESERVE_CAPTURE"
        },
        order_id: order.reference.to_string(),
        external_id: order.reference.to_string(),
    }
}

/// CONTRACT 8.16.
fn interval(period: Period) -> Result<Interval, ProviderError> {
    if !(1..=31).contains(&period.length) {
        return Err(unsupported("an interval is 1 to 31 of its unit"));
    }
    let unit = match period.unit {
        PeriodUnit::Days => "DAY",
        PeriodUnit::Weeks => "WEEK",
        PeriodUnit::Months => "MONTH",
        PeriodUnit::Years => "YEAR",
    };
    Ok(Interval {
        unit,
        count: period.length,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::{REFERENCE, recurring_order};
    use mcpay_port::{Currency, Money};
    use serde_json::{Value, json};

    fn body(order: &PaymentOrder) -> Value {
        serde_json::to_value(draft(order).unwrap_or_else(|error| panic!("{error}"))).unwrap()
    }

    fn why_not(order: &PaymentOrder) -> FailureKind {
        let Err(error) = draft(order) else {
            panic!("it was drafted")
        };
        assert!(!error.may_have_happened());
        error.failure().kind
    }

    #[test]
    fn a_first_payment_is_an_initial_charge_under_our_reference() {
        let mut order = recurring_order();
        let expected = |kind: &str| {
            json!({
                "amount": 100, "description": "Digital subscription", "transactionType": kind,
                "orderId": REFERENCE, "externalId": REFERENCE,
            })
        };
        assert_eq!(body(&order)["initialCharge"], expected("RESERVE_CAPTURE"));
        order.capture_at_once = true;
        assert_eq!(body(&order)["initialCharge"], expected("DIRECT_CAPTURE"));
        assert_eq!(
            body(&order)["pricing"],
            json!({ "type": "LEGACY", "amount": 34_900, "currency": "NOK" })
        );
        assert_eq!(body(&order)["externalId"], REFERENCE);
    }

    #[test]
    fn an_amount_of_zero_only_opens_the_agreement() {
        let mut order = recurring_order();
        order.amount = Money::zero(Currency::NOK);
        assert_eq!(body(&order).get("initialCharge"), None);
    }

    #[test]
    fn a_period_becomes_an_interval_and_none_is_left_out() {
        let mut order = recurring_order();
        for (unit, name) in [
            (PeriodUnit::Days, "DAY"),
            (PeriodUnit::Weeks, "WEEK"),
            (PeriodUnit::Months, "MONTH"),
            (PeriodUnit::Years, "YEAR"),
        ] {
            order.agreement.as_mut().unwrap().period = Some(Period { length: 31, unit });
            assert_eq!(
                body(&order)["interval"],
                json!({ "unit": name, "count": 31 })
            );
        }
        for length in [0, 32] {
            let period = Period {
                length,
                unit: PeriodUnit::Days,
            };
            order.agreement.as_mut().unwrap().period = Some(period);
            assert_eq!(why_not(&order), FailureKind::Unsupported);
        }
        order.agreement.as_mut().unwrap().period = None;
        assert_eq!(body(&order).get("interval"), None);
    }

    #[test]
    fn without_a_page_for_the_agreement_the_account_is_misconfigured() {
        let mut order = recurring_order();
        order.urls.agreement = None;
        assert_eq!(why_not(&order), FailureKind::Misconfigured);
    }

    #[test]
    fn terms_that_the_provider_cannot_have_are_refused_here() {
        let mut order = recurring_order();
        order.agreement.as_mut().unwrap().amount =
            Money::new(100, Currency::from_code("DKK").unwrap());
        assert_eq!(why_not(&order), FailureKind::Unsupported);
        order.agreement.as_mut().unwrap().amount = Money::zero(Currency::NOK);
        assert_eq!(why_not(&order), FailureKind::Unsupported);
        order.agreement = None;
        assert_eq!(why_not(&order), FailureKind::Unsupported);
    }
}
