//! JSON numbers, exactly.

use rust_decimal::Decimal;

use crate::signing::{DecimalProblem, read_decimal};

#[test]
fn numbers_are_read_exactly_however_they_are_written() {
    let cases = [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("0e999999999999", "0"),
        ("349", "349"),
        ("349.50", "349.50"),
        ("-349.50", "-349.5"),
        ("1e2", "100"),
        ("1E+2", "100"),
        ("1.5e1", "15"),
        ("1500e-2", "15"),
        ("1e00000000000000000002", "100"),
        ("0.1", "0.1"),
        (
            "9999999999999999999999999999",
            "9999999999999999999999999999",
        ),
        ("1.000000000000000000000000000000000000000000000", "1"),
    ];
    for (text, wanted) in cases {
        let wanted: Decimal = wanted.parse().unwrap();
        assert_eq!(read_decimal(text), Ok(wanted), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_refused_and_never_rounded() {
    use DecimalProblem::{NotANumber, OutOfRange, TooManyDecimals};
    let huge = format!("1{}", "0".repeat(60_000));
    let tiny = format!("0.{}1", "0".repeat(60_000));
    let cases = [
        ("1e30", OutOfRange),
        ("1e999999999", OutOfRange),
        ("99999999999999999999999999999", OutOfRange),
        (huge.as_str(), OutOfRange),
        ("1e-29", TooManyDecimals),
        ("1e-999999999", TooManyDecimals),
        ("1.00000000000000000000000000001", TooManyDecimals),
        (tiny.as_str(), TooManyDecimals),
        (r#""1""#, NotANumber),
        ("true", NotANumber),
        ("[1]", NotANumber),
        ("NaN", NotANumber),
        ("", NotANumber),
        ("-", NotANumber),
    ];
    for (text, wanted) in cases {
        let shown = text.get(..40).unwrap_or(text);
        assert_eq!(read_decimal(text), Err(wanted), "{shown}");
    }
}
