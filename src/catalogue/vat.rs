//! The VAT part of an amount, rounded half up to minor units, computed in integers.

use mcpay_port::{Money, MoneyError};
use rust_decimal::Decimal;

/// The VAT that is included in `amount` at `percent`: `amount * p / (100 + p)`.
///
/// # Errors
/// [`MoneyError::OutOfRange`] for a negative percentage, or one with absurdly many digits.
pub fn included_vat(amount: Money, percent: Decimal) -> Result<Money, MoneyError> {
    let percent = percent.normalize();
    let part = percent.mantissa();
    let unit = 10_i128
        .checked_pow(percent.scale())
        .and_then(|unit| unit.checked_mul(100))
        .ok_or(MoneyError::OutOfRange)?;
    let whole = unit.checked_add(part).ok_or(MoneyError::OutOfRange)?;
    share(amount, part, whole)
}

/// The VAT of a part (a start amount, a partial capture or refund) of something whose VAT is
/// known: `vat * part / whole` (CONTRACT 8.1). Nothing of nothing is nothing.
///
/// # Errors
/// [`MoneyError::CurrencyMismatch`]; [`MoneyError::OutOfRange`] for negative amounts, or a part of
/// nothing.
pub fn proportional_vat(vat: Money, part: Money, whole: Money) -> Result<Money, MoneyError> {
    if vat.currency() != part.currency() || vat.currency() != whole.currency() {
        return Err(MoneyError::CurrencyMismatch);
    }
    if vat.is_zero() || part.is_zero() {
        return Ok(Money::zero(vat.currency()));
    }
    share(vat, part.minor().into(), whole.minor().into())
}

/// `amount * part / whole`, half up.
fn share(amount: Money, part: i128, whole: i128) -> Result<Money, MoneyError> {
    if amount.minor() < 0 || part < 0 || whole <= 0 {
        return Err(MoneyError::OutOfRange);
    }
    let minor = i128::from(amount.minor())
        .checked_mul(part)
        .and_then(|product| product.checked_mul(2))
        .and_then(|doubled| doubled.checked_add(whole))
        .zip(whole.checked_mul(2))
        .map(|(doubled, divisor)| doubled / divisor)
        .ok_or(MoneyError::OutOfRange)?;
    let minor = i64::try_from(minor).map_err(|_| MoneyError::OutOfRange)?;
    Ok(Money::new(minor, amount.currency()))
}

#[cfg(test)]
mod tests {
    use mcpay_port::Currency;
    use proptest::prelude::*;

    use super::*;

    fn nok(minor: i64) -> Money {
        Money::new(minor, Currency::NOK)
    }

    #[test]
    fn vat_is_included_in_the_price_and_rounded_half_up() {
        let cases = [
            ("25", 34_900, 6_980),
            ("25", 100, 20),
            ("25", 2, 0),
            ("25", 3, 1),
            ("12", 9_999, 1_071),
            ("0", 34_900, 0),
            // 110 * 10 / 110 = 10, and 11.1 % of 1111 is 111.0: no binary fraction is exact.
            ("10", 110, 10),
            ("11.1", 1_111, 111),
            // Exactly half a minor unit: 5 * 100 / 200 = 2.5.
            ("100", 5, 3),
        ];
        for (percent, amount, vat) in cases {
            let computed = included_vat(nok(amount), percent.parse().unwrap());
            assert_eq!(computed, Ok(nok(vat)), "{percent} % of {amount}");
        }
    }

    #[test]
    fn vat_of_a_part_is_proportional() {
        assert_eq!(
            proportional_vat(nok(6_980), nok(100), nok(34_900)),
            Ok(nok(20))
        );
        assert_eq!(
            proportional_vat(nok(6_980), nok(0), nok(34_900)),
            Ok(nok(0))
        );
        assert_eq!(proportional_vat(nok(0), nok(5), nok(0)), Ok(nok(0)));
        assert_eq!(
            proportional_vat(nok(1), nok(1), nok(2)),
            Ok(nok(1)),
            "half up"
        );
        assert_eq!(
            proportional_vat(nok(1), nok(1), nok(0)),
            Err(MoneyError::OutOfRange)
        );
    }

    #[test]
    fn a_percentage_that_makes_no_sense_is_refused_without_overflow() {
        for percent in [Decimal::MAX, Decimal::MIN, Decimal::NEGATIVE_ONE] {
            assert_eq!(
                included_vat(nok(i64::MAX), percent),
                Err(MoneyError::OutOfRange)
            );
        }
    }

    proptest! {
        #[test]
        fn vat_is_never_more_than_the_amount(
            amount in 0..i64::MAX,
            mantissa in 0..100_000_i64,
            scale in 0..4_u32,
        ) {
            let vat = included_vat(nok(amount), Decimal::new(mantissa, scale)).unwrap();
            prop_assert!(vat.minor() <= amount && vat.minor() >= 0);
        }
    }
}
