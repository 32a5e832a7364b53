//! Texts cut and phones written in the provider's forms: one bad value refuses the whole order.

use secrecy::{ExposeSecret, SecretString};

use crate::wire::request::Exposed;

/// Shown in the app before an ePayment; 3 to 100 characters.
pub fn payment_description(text: &str) -> String {
    cut(text, 3, 100)
}

/// The name of an agreement, and the description of a charge; 1 to 45 characters.
pub fn short_description(text: &str) -> String {
    cut(text, 1, 45)
}

/// Never half a character; something readable when there is too little.
fn cut(text: &str, min_chars: usize, max_chars: usize) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let cut: String = plain.trim().chars().take(max_chars).collect();
    let cut = cut.trim_end();
    if cut.chars().count() < min_chars {
        return "Payment".to_owned();
    }
    cut.to_owned()
}

/// A phone in the provider's form: country and number, digits alone. A phone is a convenience, so
/// one that does not fit is left out rather than letting it refuse the order.
pub fn find_msisdn(phone: Option<&SecretString>) -> Option<Exposed> {
    let digits = phone?.expose_secret().strip_prefix('+')?;
    let fits = (10..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Exposed(digits.to_owned().into()))
}

/// The wishes for a profile, one after the other.
pub fn find_scope(scope: &[String]) -> Option<String> {
    (!scope.is_empty()).then(|| scope.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn descriptions_are_cut_between_characters() {
        assert_eq!(short_description(&"å".repeat(46)), "å".repeat(45));
        assert_eq!(payment_description(&"å".repeat(101)), "å".repeat(100));
        assert_eq!(payment_description("  Avis\r\n "), "Avis");
        assert_eq!(payment_description("Av"), "Payment");
        assert_eq!(short_description("A"), "A");
        assert_eq!(short_description(" \t "), "Payment");
    }

    #[test]
    fn only_a_phone_of_the_providers_form_is_kept() {
        for (phone, kept) in [
            ("+4790000000", Some("4790000000")),
            ("+3584012345678", Some("3584012345678")),
            ("4790000000", None),
            ("+47 90000000", None),
            ("+479000000", None),
            ("+1234567890123456", None),
            ("", None),
        ] {
            let found = find_msisdn(Some(&phone.into()));
            let found = found.as_ref().map(|phone| phone.0.expose_secret());
            assert_eq!(found, kept, "{phone}");
        }
        assert!(find_msisdn(None).is_none());
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_that_fits(text in "\\PC{0,120}|[\\s\\x00]{0,50}") {
            prop_assert!((3..=100).contains(&payment_description(&text).chars().count()));
            prop_assert!((1..=45).contains(&short_description(&text).chars().count()));
        }
    }
}
