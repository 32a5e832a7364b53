//! A phone number as Nexi wants it: the country's prefix and the rest.
//!
//! A phone is a convenience for the payer, so one that is not surely E.164 is left out rather than
//! letting it refuse the order.

use secrecy::{ExposeSecret, SecretString};

use crate::wire::request::PhoneNumber;

/// The two-digit country codes (ITU E.164). The plan has no code that begins with another: what
/// begins with 1 or 7 has one digit, and everything else has three.
const TWO_DIGITS: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47",
    "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65",
    "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];

pub fn find_phone(phone: Option<&SecretString>) -> Option<PhoneNumber<'_>> {
    let phone = phone?.expose_secret();
    let digits = phone.strip_prefix('+')?;
    let is_e164 = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_e164 || digits.starts_with('0') {
        return None;
    }
    let length = match digits.get(..2)? {
        two if two.starts_with(['1', '7']) => 1,
        two if TWO_DIGITS.contains(&two) => 2,
        _ => 3,
    };
    let (prefix, number) = phone.split_at_checked(length + 1)?;
    Some(PhoneNumber { prefix, number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(phone: &str) -> Option<(String, String)> {
        let phone = phone.into();
        let found = find_phone(Some(&phone))?;
        Some((found.prefix.to_owned(), found.number.to_owned()))
    }

    #[test]
    fn a_number_is_split_after_its_countrys_code() {
        for (phone, prefix, number) in [
            ("+4790000000", "+47", "90000000"),
            ("+46739000001", "+46", "739000001"),
            ("+358401234567", "+358", "401234567"),
            ("+3545812345", "+354", "5812345"),
            ("+12025550123", "+1", "2025550123"),
            ("+77012345678", "+7", "7012345678"),
        ] {
            let parts = (prefix.to_owned(), number.to_owned());
            assert_eq!(split(phone), Some(parts), "{phone}");
        }
    }

    #[test]
    fn what_is_not_surely_e164_is_left_out() {
        for phone in [
            "4790000000",
            "+47 90000000",
            "+1234567",
            "+1234567890123456",
            "+0479000000",
            "",
        ] {
            assert_eq!(split(phone), None, "{phone}");
        }
        assert!(find_phone(None).is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_split_into_nexis_form_or_left_out(phone in "\\+?[0-9]{0,17}|\\PC{0,20}") {
            if let Some((prefix, number)) = split(&phone) {
                prop_assert!((2..=4).contains(&prefix.len()) && prefix.starts_with('+'));
                prop_assert!(number.len() >= 5 && number.bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(format!("{prefix}{number}"), phone);
            }
        }
    }
}
