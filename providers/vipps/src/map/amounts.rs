//! How much is authorised, captured, released and refunded, and whether that adds up. When it does
//! not, no number is better than a wrong one.

use mcpay_port::{Currency, EndReason, Failure, FailureKind, Money, Standing};

use crate::wire::answer::{Aggregate, Amount, Charge};

/// Minor units. Never negative; captured and cancelled fit in authorised, refunded in captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    pub authorized: i64,
    pub captured: i64,
    pub cancelled: i64,
    pub refunded: i64,
}

impl Amounts {
    /// The amounts of an ePayment that was authorised.
    ///
    /// # Errors
    /// A phrase saying what contradicts what.
    pub fn of_payment(aggregate: &Aggregate, currency: &str) -> Result<Self, &'static str> {
        let parts = [
            &aggregate.authorized_amount,
            &aggregate.captured_amount,
            &aggregate.cancelled_amount,
            &aggregate.refunded_amount,
        ];
        if parts.iter().any(|part| part.currency != currency) {
            return Err("the amounts are in different currencies");
        }
        let [authorized, captured, cancelled, refunded] = parts.map(|part| part.value);
        Self {
            authorized,
            captured,
            cancelled,
            refunded,
        }
        .checked()
    }

    /// The amounts of a charge that was reserved or captured, whatever became of it. The provider
    /// names no authorised amount: it is always the whole.
    ///
    /// # Errors
    /// A phrase saying what contradicts what.
    pub fn of_charge(charge: &Charge) -> Result<Self, &'static str> {
        let summary = charge.summary.as_ref().ok_or("the summary is missing")?;
        let amounts = Self {
            authorized: charge.amount,
            captured: summary.captured,
            cancelled: summary.cancelled,
            refunded: summary.refunded,
        };
        amounts.checked()
    }

    /// A charge whose reservation was released before anything was captured.
    pub fn released(minor: i64) -> Self {
        Self {
            authorized: minor,
            cancelled: minor,
            ..Self::default()
        }
    }

    fn checked(self) -> Result<Self, &'static str> {
        let each = [
            self.authorized,
            self.captured,
            self.cancelled,
            self.refunded,
        ];
        if each.iter().any(|minor| *minor < 0) {
            return Err("an amount is negative");
        }
        let used = self.captured.checked_add(self.cancelled);
        if used.is_none_or(|used| used > self.authorized) {
            return Err("more is captured or released than was authorised");
        }
        if self.refunded > self.captured {
            return Err("more is refunded than was captured");
        }
        Ok(self)
    }
}

/// Approved with these amounts, or a standing that nobody believes.
pub fn approved(status: &str, amounts: Result<Amounts, &'static str>) -> (Standing, Amounts) {
    match amounts {
        Ok(amounts) => (Standing::Approved, amounts),
        Err(why) => (
            Standing::Unknown(format!("{status}: {why}")),
            Amounts::default(),
        ),
    }
}

/// Over without money, or a standing that nobody believes because `untouched` says otherwise.
pub fn ended(
    status: &str,
    reason: EndReason,
    untouched: Result<(), &'static str>,
) -> (Standing, Amounts) {
    match untouched {
        Ok(()) => (Standing::Ended(reason), Amounts::default()),
        Err(why) => approved(status, Err(why)),
    }
}

/// The provider's word goes into our logs, so it is bounded.
pub fn unknown(status: &str) -> Standing {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    Standing::Unknown(status.chars().filter(plain).take(40).collect())
}

/// # Errors
/// A [`Failure`] when the currency is not one that money can be taken in.
pub fn money(amount: &Amount) -> Result<Money, Failure> {
    Ok(Money::new(amount.value, currency(&amount.currency)?))
}

/// # Errors
/// A [`Failure`] when there is no such currency.
pub fn currency(code: &str) -> Result<Currency, Failure> {
    Currency::from_code(code)
        .ok_or_else(|| Failure::new(FailureKind::BadAnswer).titled("the currency is unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn any_minor() -> impl Strategy<Value = i64> {
        prop_oneof![0_i64..400, any::<i64>(), Just(i64::MAX), Just(i64::MIN)]
    }

    fn aggregate(parts: [i64; 4], currencies: [&str; 4]) -> Aggregate {
        let part = |at: usize| json!({ "value": parts[at], "currency": currencies[at] });
        serde_json::from_value(json!({
            "authorizedAmount": part(0), "capturedAmount": part(1),
            "cancelledAmount": part(2), "refundedAmount": part(3),
        }))
        .unwrap()
    }

    fn charge(amount: i64, summary: [i64; 3]) -> Charge {
        serde_json::from_value(json!({
            "id": "x", "amount": amount, "currency": "NOK", "status": "CHARGED",
            "summary": { "captured": summary[0], "cancelled": summary[1], "refunded": summary[2] },
        }))
        .unwrap()
    }

    fn add_up(amounts: Amounts) -> bool {
        let used = i128::from(amounts.captured) + i128::from(amounts.cancelled);
        let each = [amounts.captured, amounts.cancelled, amounts.refunded];
        each.iter().all(|minor| *minor >= 0)
            && used <= i128::from(amounts.authorized)
            && amounts.refunded <= amounts.captured
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn whatever_is_said_the_amounts_add_up_or_are_not_believed(
            authorized in any_minor(),
            captured in any_minor(),
            cancelled in any_minor(),
            refunded in any_minor(),
        ) {
            let parts = [authorized, captured, cancelled, refunded];
            if let Ok(found) = Amounts::of_payment(&aggregate(parts, ["NOK"; 4]), "NOK") {
                prop_assert!(add_up(found));
                let read = [found.authorized, found.captured, found.cancelled, found.refunded];
                prop_assert_eq!(read, parts);
            }
            let charge = charge(authorized, [captured, cancelled, refunded]);
            if let Ok(found) = Amounts::of_charge(&charge) {
                prop_assert!(add_up(found));
            }
        }

        #[test]
        fn every_order_of_captures_releases_and_refunds_is_believed(
            captured in 0_i64..1_000,
            left in 0_i64..1_000,
            release in any::<bool>(),
            refund_percent in 0_i64..=100,
        ) {
            let expected = Amounts {
                authorized: captured + left,
                captured,
                cancelled: if release { left } else { 0 },
                refunded: captured * refund_percent / 100,
            };
            let parts = [
                expected.authorized, expected.captured, expected.cancelled, expected.refunded,
            ];
            let found = Amounts::of_payment(&aggregate(parts, ["NOK"; 4]), "NOK");
            prop_assert_eq!(found, Ok(expected));
            let summary = [expected.captured, expected.cancelled, expected.refunded];
            let found = Amounts::of_charge(&charge(expected.authorized, summary));
            prop_assert_eq!(found, Ok(expected));
        }

        #[test]
        fn one_amount_in_another_currency_makes_all_of_them_unbelievable(at in 0_usize..4) {
            let mut currencies = ["NOK"; 4];
            currencies[at] = "DKK";
            prop_assert!(Amounts::of_payment(&aggregate([0; 4], currencies), "NOK").is_err());
        }
    }
}
