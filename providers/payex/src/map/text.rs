//! Texts cut and phones kept to PayEx's forms: one bad value refuses the whole order.

use secrecy::{ExposeSecret, SecretString};

const MAX_DESCRIPTION_CHARS: usize = 40;

/// The first 40 characters, never half of one; something readable when there is nothing.
pub fn description(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let cut: String = plain.trim().chars().take(MAX_DESCRIPTION_CHARS).collect();
    match cut.trim_end() {
        "" => "Payment".to_owned(),
        rest => rest.to_owned(),
    }
}

/// A phone in PayEx's form (`+`, country, 8 to 15 digits). A phone is a convenience, so one of
/// another form is left out rather than letting it refuse the order.
pub fn find_msisdn(phone: Option<&SecretString>) -> Option<&SecretString> {
    phone.filter(|phone| {
        phone
            .expose_secret()
            .strip_prefix('+')
            .is_some_and(|digits| {
                (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_description_is_cut_between_characters() {
        assert_eq!(description(&"å".repeat(41)), "å".repeat(40));
        assert_eq!(description("  Avis\r\n "), "Avis");
        assert_eq!(description(" \t "), "Payment");
    }

    #[test]
    fn only_a_phone_of_payexs_form_is_kept() {
        for (phone, kept) in [
            ("+4790000000", true),
            ("+46739000001", true),
            ("4790000000", false),
            ("+47 90000000", false),
            ("+1234567", false),
            ("+1234567890123456", false),
            ("", false),
        ] {
            assert_eq!(find_msisdn(Some(&phone.into())).is_some(), kept, "{phone}");
        }
        assert!(find_msisdn(None).is_none());
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_to_forty_characters(text in "\\PC{0,80}|[\\s\\x00]{0,50}") {
            let cut = description(&text);
            prop_assert!((1..=40).contains(&cut.chars().count()));
        }
    }
}
