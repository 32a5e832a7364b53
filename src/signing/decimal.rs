//! Decimals out of JSON text, exactly or not at all.

use rust_decimal::Decimal;

/// As many digits as a `Decimal` holds whatever they are.
const MAX_DIGITS: usize = 28;

/// Why a JSON text is no usable decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalProblem {
    #[error("not a JSON number")]
    NotANumber,
    #[error("too large")]
    OutOfRange,
    #[error("more decimals than any currency has")]
    TooManyDecimals,
}

impl DecimalProblem {
    /// The code of the field error, and what the field must be.
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::NotANumber => (
                "invalid",
                "must be a JSON number in major units such as 349.50, without quotation marks.",
            ),
            Self::OutOfRange => ("out_of_range", "is too large."),
            Self::TooManyDecimals => (
                "too_many_decimals",
                "has more decimals than any currency has.",
            ),
        }
    }
}

/// Reads a JSON number such as `349`, `349.50` or `1e2`. `text` must be one valid JSON value. The
/// work is bounded by its length, whatever the exponent says; nothing is ever rounded.
///
/// # Errors
/// [`DecimalProblem`]; a string that holds a number is `NotANumber`.
pub fn read_decimal(text: &str) -> Result<Decimal, DecimalProblem> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(DecimalProblem::NotANumber);
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    if !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalProblem::NotANumber);
    }
    let digits = all.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(Decimal::ZERO);
    }
    let exponent = read_exponent(exponent)?;
    let dropped = length(digits)? - length(significant)?;
    // The value is `significant` times ten to the power of this.
    let power = exponent - length(fraction)? + dropped;
    assemble(significant, power, text.starts_with('-'))
}

/// An exponent of more than six digits moves any token's number out of every range.
fn read_exponent(exponent: Option<&str>) -> Result<i64, DecimalProblem> {
    let Some(text) = exponent else { return Ok(0) };
    let negative = text.starts_with('-');
    let digits = text.trim_start_matches(['+', '-']).trim_start_matches('0');
    if digits.len() > 6 {
        return Err(if negative {
            DecimalProblem::TooManyDecimals
        } else {
            DecimalProblem::OutOfRange
        });
    }
    if digits.is_empty() {
        return Ok(0);
    }
    let size: i64 = digits.parse().map_err(|_| DecimalProblem::NotANumber)?;
    Ok(if negative { -size } else { size })
}

fn assemble(significant: &str, power: i64, negative: bool) -> Result<Decimal, DecimalProblem> {
    let scale = u32::try_from(power.min(0).unsigned_abs())
        .ok()
        .filter(|scale| *scale <= Decimal::MAX_SCALE)
        .ok_or(DecimalProblem::TooManyDecimals)?;
    let zeros = usize::try_from(power.max(0)).map_err(|_| DecimalProblem::OutOfRange)?;
    if significant.len().saturating_add(zeros) > MAX_DIGITS {
        return Err(if scale > 0 && significant.len() > MAX_DIGITS {
            DecimalProblem::TooManyDecimals
        } else {
            DecimalProblem::OutOfRange
        });
    }
    let padded = format!("{significant}{}", "0".repeat(zeros));
    let size: i128 = padded.parse().map_err(|_| DecimalProblem::NotANumber)?;
    let value = if negative { -size } else { size };
    Decimal::try_from_i128_with_scale(value, scale).map_err(|_| DecimalProblem::OutOfRange)
}

fn length(text: &str) -> Result<i64, DecimalProblem> {
    i64::try_from(text.len()).map_err(|_| DecimalProblem::OutOfRange)
}
