//! The payer's phone number, in E.164. It is personal: no message repeats it.

use phonenumber::metadata::{DATABASE, Descriptor};
use phonenumber::{Mode, PhoneNumber};
use secrecy::SecretString;

use super::reader::Reader;

const MESSAGE: &str = "must be a phone number in E.164 form such as +4798765432, or the national \
                       digits of a number in the client's country.";

/// `country` is ISO 3166 alpha-2, upper case.
pub(super) fn read_phone_number(reader: &mut Reader<'_>, country: &str) -> Option<SecretString> {
    let claim = reader.text("phoneNumber");
    let number = reader.check(claim, "phoneNumber", |text| {
        to_e164(&text, country).ok_or(("invalid", MESSAGE.to_owned()))
    });
    number.given()
}

fn to_e164(text: &str, country: &str) -> Option<SecretString> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    // E.164 has at most 15 digits; a national trunk prefix may add to them.
    if !(4..=17).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = phonenumber::parse(country.parse().ok(), text).ok()?;
    if !has_possible_length(&number) {
        return None;
    }
    let formatted = number.format().mode(Mode::E164).to_string();
    (formatted.len() <= 16).then(|| formatted.into())
}

/// Whether fixed or mobile numbers of that country can be so long. Whether the number is given to
/// somebody only the provider can tell: number plans change, and a payer must not be refused for
/// it.
fn has_possible_length(number: &PhoneNumber) -> bool {
    let digits = number.national().to_string().len();
    let plans = DATABASE.by_code(&number.country().code());
    plans.unwrap_or_default().into_iter().any(|plan| {
        let kinds = plan.descriptors();
        let mut lengths = [kinds.mobile(), kinds.fixed_line()]
            .into_iter()
            .flatten()
            .flat_map(Descriptor::possible_length);
        lengths.any(|length| usize::from(*length) == digits)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    fn e164(text: &str, country: &str) -> Option<String> {
        to_e164(text, country).map(|number| number.expose_secret().to_owned())
    }

    #[test]
    fn national_digits_get_the_code_of_the_clients_country() {
        let cases = [
            ("98765432", "NO", "+4798765432"),
            ("+4798765432", "SE", "+4798765432"),
            ("0739000001", "SE", "+46739000001"),
            ("739000001", "SE", "+46739000001"),
            ("+46739000001", "NO", "+46739000001"),
            ("22222222", "DK", "+4522222222"),
            ("0401234567", "FI", "+358401234567"),
        ];
        for (text, country, wanted) in cases {
            assert_eq!(
                e164(text, country).as_deref(),
                Some(wanted),
                "{text} {country}"
            );
        }
    }

    #[test]
    fn what_is_no_phone_number_is_refused() {
        for text in [
            "",
            "+",
            "123",
            "+47",
            "+47987654",
            "987654321234567890",
            "98 76 54 32",
            "98765432a",
            "+999123456789",
            "tel:+4798765432",
            "٩٨٧٦٥٤٣٢",
        ] {
            assert_eq!(e164(text, "NO"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_digits_make_it_panic_and_what_it_accepts_is_e164(
            text in "\\+?[0-9]{0,20}",
            country in "NO|SE|DK|FI|DE|GB|US|IT|RU|XX|",
        ) {
            if let Some(number) = e164(&text, &country) {
                let digits = number.strip_prefix('+').unwrap();
                prop_assert!(digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
