//! One line that stands for the whole amount, and whose arithmetic always adds up.
//!
//! Nexi refuses an order whose lines do not add up, and does not say how it rounds. So
//! `net = unitPrice * 1`, `gross = net + tax` and `amount = gross` hold exactly, and a tax rate is
//! only named when it gives exactly that tax. Where none does, the VAT is not shown at all: a rate
//! of zero with a tax would contradict itself.

use mcpay_port::{Money, ProviderError};

use crate::problem::{refused, unsupported};
use crate::wire::request::Item;

/// The largest `taxRate`, in hundredths of a percent.
const MAX_RATE: i64 = 99_999;
const FULL: i64 = 10_000;
/// Rates of VAT are whole percents nearly everywhere, half ones in Finland, and anything where a
/// price mixes several.
const STEPS: [i64; 3] = [100, 50, 1];

/// An amount and the VAT in it, both known to fit Nexi's int32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    gross: i32,
    tax: i32,
}

impl Amount {
    /// # Errors
    /// `DidNotHappen`: refused when the amount does not fit, unsupported when it makes no sense.
    pub fn of(amount: Money, vat: Money) -> Result<Self, ProviderError> {
        if amount.currency() != vat.currency() {
            return Err(unsupported(
                "the amount and its VAT are in different currencies",
            ));
        }
        if !(0..=amount.minor()).contains(&vat.minor()) {
            return Err(unsupported("the amount or its VAT is out of range"));
        }
        Ok(Self {
            gross: int32(amount.minor())?,
            tax: int32(vat.minor())?,
        })
    }

    /// Of which nothing is known but the sum.
    ///
    /// # Errors
    /// As [`Amount::of`].
    pub fn without_vat(amount: Money) -> Result<Self, ProviderError> {
        Self::of(amount, Money::zero(amount.currency()))
    }

    pub const fn gross(self) -> i32 {
        self.gross
    }

    pub const fn is_positive(self) -> bool {
        self.gross > 0
    }

    /// The line. `reference` and `name` must be fit for Nexi already.
    pub fn item(self, reference: String, name: String) -> Item {
        let (net, tax, rate) = match find_rate(i64::from(self.gross - self.tax), self.tax.into()) {
            Some(rate) => (self.gross - self.tax, self.tax, rate),
            None => (self.gross, 0, 0),
        };
        Item {
            reference,
            name,
            quantity: 1,
            unit: "pcs",
            unit_price: net,
            tax_rate: rate,
            tax_amount: tax,
            net_total_amount: net,
            gross_total_amount: self.gross,
        }
    }
}

fn int32(minor: i64) -> Result<i32, ProviderError> {
    i32::try_from(minor).map_err(|_| {
        refused(
            "amount_too_large",
            "the amount is larger than Nexi can take",
        )
    })
}

/// The rate, in hundredths of a percent, that gives exactly `tax` on `net` when rounded; the
/// roundest that does.
fn find_rate(net: i64, tax: i64) -> Option<i32> {
    if tax == 0 {
        return Some(0);
    }
    if net == 0 {
        return None;
    }
    STEPS
        .into_iter()
        .map(|step| rounded(tax * FULL, net * step) * step)
        .find(|rate| (1..=MAX_RATE).contains(rate) && rounded(net * rate, FULL) == tax)
        .and_then(|rate| i32::try_from(rate).ok())
}

/// Half up. Neither number is negative, and twice the first fits in 64 bits for every int32.
fn rounded(amount: i64, by: i64) -> i64 {
    (2 * amount + by) / (2 * by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcpay_port::{Currency, FailureKind};
    use proptest::prelude::*;

    fn item(amount: i64, vat: i64) -> Item {
        let nok = |minor| Money::new(minor, Currency::NOK);
        let amount = Amount::of(nok(amount), nok(vat)).unwrap();
        amount.item("ref".to_owned(), "name".to_owned())
    }

    #[test]
    fn usual_rates_are_found_also_where_the_vat_was_rounded() {
        for (amount, vat, rate) in [
            (34_900, 6_980, 2_500),
            (10_000, 1_071, 1_200),
            (9_999, 2_000, 2_500),
            (99, 20, 2_500),
            (12_550, 2_550, 2_550),
            (10_600, 600, 600),
            (34_900, 0, 0),
            (0, 0, 0),
        ] {
            let item = item(amount, vat);
            assert_eq!(item.tax_rate, rate, "{amount} with {vat}");
            assert_eq!(i64::from(item.tax_amount), vat);
        }
    }

    #[test]
    fn vat_that_no_rate_gives_is_not_shown() {
        for (amount, vat) in [(100, 100), (1_200, 1_199), (2_000_000_001, 7)] {
            let item = item(amount, vat);
            assert_eq!((item.tax_amount, item.tax_rate), (0, 0));
            assert_eq!(i64::from(item.net_total_amount), amount);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_before_anything_is_sent() {
        let of = |amount, vat| {
            let money = |minor| Money::new(minor, Currency::NOK);
            let error = Amount::of(money(amount), money(vat)).unwrap_err();
            assert!(!error.may_have_happened());
            error.failure().kind
        };
        let largest = i64::from(i32::MAX);
        assert_eq!(of(largest + 1, 0), FailureKind::Refused);
        assert_eq!(of(i64::MAX, i64::MAX), FailureKind::Refused);
        assert_eq!(of(-1, 0), FailureKind::Unsupported);
        assert_eq!(of(100, 101), FailureKind::Unsupported);
        assert_eq!(of(100, -1), FailureKind::Unsupported);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn the_arithmetic_always_adds_up(
            (amount, vat) in prop_oneof![
                (0..=i64::from(i32::MAX)).boxed(),
                (0_i64..=1_000).boxed(),
                Just(i64::from(i32::MAX)).boxed(),
            ]
            .prop_flat_map(|amount| (Just(amount), 0..=amount)),
            code in prop::sample::select(vec!["JPY", "NOK", "BHD"]),
        ) {
            let money = |minor| Money::new(minor, code.parse().unwrap());
            let whole = Amount::of(money(amount), money(vat)).unwrap();
            let item = whole.item("r".to_owned(), "n".to_owned());
            let wide = |minor: i32| i64::from(minor);
            prop_assert_eq!(item.quantity, 1);
            prop_assert_eq!(item.net_total_amount, item.unit_price);
            prop_assert_eq!(
                wide(item.gross_total_amount),
                wide(item.net_total_amount) + wide(item.tax_amount)
            );
            prop_assert_eq!(wide(item.gross_total_amount), amount);
            prop_assert_eq!(wide(whole.gross()), amount);
            prop_assert_eq!(
                wide(item.tax_amount),
                rounded(wide(item.net_total_amount) * wide(item.tax_rate), FULL)
            );
            prop_assert!(item.unit_price >= 0 && (0..=99_999).contains(&item.tax_rate));
            prop_assert!(wide(item.tax_amount) == vat || item.tax_amount == 0);
        }

        #[test]
        fn no_amount_panics(amount in any::<i64>(), vat in any::<i64>()) {
            let money = |minor| Money::new(minor, Currency::NOK);
            let _ = Amount::of(money(amount), money(vat));
        }

        #[test]
        fn the_vat_of_every_whole_price_keeps_its_rate(
            price in 1_i64..1_000_000,
            rate in prop::sample::select(vec![2_500_i64, 1_200, 600, 2_550]),
        ) {
            // The price without VAT is whole, so the VAT is exact.
            let net = price * 200;
            let item = item(net + net * rate / FULL, net * rate / FULL);
            prop_assert_eq!(i64::from(item.tax_rate), rate);
        }
    }
}
