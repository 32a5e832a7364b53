//! Money: integer minor units with a currency, and nothing else.
//!
//! Decimals appear only at the edges (a token, an event, a form); floats never. Arithmetic is
//! checked, because an overflow here is somebody's money.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An ISO 4217 currency that has minor units (so no `XAU`, no test codes).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Norwegian krone.
    pub const NOK: Self = Self(iso_currency::Currency::NOK);

    /// The currency of a three-letter upper-case code, or `None` when it is not one that money can
    /// be taken in.
    pub fn from_code(code: &str) -> Option<Self> {
        let currency = iso_currency::Currency::from_code(code)?;
        currency.exponent().map(|_| Self(currency))
    }

    /// The three-letter code, e.g. `NOK`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the major unit has: 2 for NOK, 0 for JPY, 3 for BHD.
    pub fn minor_digits(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Self::from_code(code).ok_or(MoneyError::UnknownCurrency)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// Why an amount could not be made, or two could not be combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("not an ISO 4217 currency with minor units")]
    UnknownCurrency,
    #[error("more decimals than the currency has")]
    TooManyDecimals,
    #[error("the amount is too large")]
    OutOfRange,
    #[error("the amounts are in different currencies")]
    CurrencyMismatch,
}

/// An amount of one currency, in its minor units (øre, cents).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` units of `currency`: `Money::new(34_900, Currency::NOK)` is 349 kroner.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads a decimal number of major units, exactly.
    ///
    /// # Errors
    /// [`MoneyError::TooManyDecimals`] when it has a fraction smaller than the minor unit
    /// (trailing zeros are fine), [`MoneyError::OutOfRange`] when it does not fit 64 bits.
    pub fn from_major(major: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let minor = Decimal::from(10_i64.pow(currency.minor_digits()))
            .checked_mul(major)
            .ok_or(MoneyError::OutOfRange)?
            .normalize();
        if minor.scale() > 0 {
            return Err(MoneyError::TooManyDecimals);
        }
        let minor = i64::try_from(minor).map_err(|_| MoneyError::OutOfRange)?;
        Ok(Self { minor, currency })
    }

    /// The amount in major units with all the currency's decimals: `349.00`.
    pub fn to_major(self) -> Decimal {
        Decimal::new(self.minor, self.currency.minor_digits())
    }

    pub const fn minor(self) -> i64 {
        self.minor
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::OutOfRange`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::OutOfRange`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Self, with: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor = with(self.minor, other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// `349.00 NOK`, for people and logs.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_major(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::from_code(code).unwrap()
    }

    #[test]
    fn decimals_become_minor_units_by_the_currencys_exponent() {
        let cases = [
            ("349.5", "NOK", 34_950),
            ("349", "JPY", 349),
            ("1.234", "BHD", 1_234),
        ];
        for (major, code, minor) in cases {
            let money = Money::from_major(major.parse().unwrap(), currency(code)).unwrap();
            assert_eq!(money.minor(), minor, "{major} {code}");
        }
    }

    #[test]
    fn a_fraction_of_a_minor_unit_is_refused_but_trailing_zeros_are_not() {
        let nok = |text: &str| Money::from_major(text.parse().unwrap(), Currency::NOK);
        assert_eq!(nok("98.9009"), Err(MoneyError::TooManyDecimals));
        assert_eq!(nok("98.9000").unwrap().minor(), 9_890);
        assert_eq!(nok("1000000000000000000000"), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn gold_and_test_codes_are_not_money() {
        for code in ["XAU", "XXX", "nok", "", "NOKK"] {
            assert!(Currency::from_code(code).is_none(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn minor_to_major_and_back_changes_nothing(
            minor in any::<i64>(),
            code in prop::sample::select(vec!["NOK", "JPY", "BHD"]),
        ) {
            let money = Money::new(minor, currency(code));
            prop_assert_eq!(Money::from_major(money.to_major(), money.currency()), Ok(money));
        }
    }
}
