//! The provider's public test cards, and nothing else: a number that is not in this table is
//! refused, so nobody's real card can end up in a sandbox.
//!
//! What must never happen here: storing or logging what was typed. A match is replaced by its row
//! at once, and a row is shown only as first six and last four digits.

use chrono::{DateTime, Datelike, Utc};

/// How a card behaves. Which card meets 3-D Secure is this sandbox's choice; the rest is the
/// provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Pays,
    /// The payer is asked by 3-D Secure first.
    Challenged,
    /// The reservation fails.
    Declined,
    /// Reserves; a later charge of the reservation fails.
    ChargeFails,
    /// Pays; a refund is accepted and then fails.
    RefundFails,
}

/// One test card.
pub(crate) struct Card {
    /// How the page names it in a link.
    pub(crate) key: &'static str,
    pub(crate) label: &'static str,
    number: &'static str,
    /// `paymentMethod`.
    pub(crate) brand: &'static str,
    pub(crate) behaviour: Behaviour,
}

impl Card {
    const fn new(
        key: &'static str,
        label: &'static str,
        number: &'static str,
        brand: &'static str,
        behaviour: Behaviour,
    ) -> Self {
        Self {
            key,
            label,
            number,
            brand,
            behaviour,
        }
    }

    /// First six and last four digits.
    pub(crate) fn masked(&self) -> String {
        let end = self.number.len().saturating_sub(4);
        let hidden = "*".repeat(end.saturating_sub(6));
        format!("{}{hidden}{}", &self.number[..6], &self.number[end..])
    }

    pub(crate) fn grouped(&self) -> String {
        let mut grouped = String::new();
        for (at, digit) in self.number.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(digit);
        }
        grouped
    }
}

pub(crate) const SAMPLE_EXPIRY: &str = "12/33";
pub(crate) const SAMPLE_CVC: &str = "123";

/// The first four are what a tester mostly wants.
pub(crate) const CARDS: [Card; 9] = [
    Card::new(
        "visa",
        "Visa, pays",
        "4925000000000004",
        "Visa",
        Behaviour::Pays,
    ),
    Card::new(
        "secure",
        "Visa, asks the bank",
        "4268270087374847",
        "Visa",
        Behaviour::Challenged,
    ),
    Card::new(
        "mastercard",
        "Mastercard, pays",
        "5413000000000000",
        "MasterCard",
        Behaviour::Pays,
    ),
    Card::new(
        "declined",
        "Visa, declined",
        "4925000000000087",
        "Visa",
        Behaviour::Declined,
    ),
    Card::new(
        "charge-fails",
        "Visa, a later charge fails",
        "4925000000000079",
        "Visa",
        Behaviour::ChargeFails,
    ),
    Card::new(
        "refund-fails",
        "Visa, a refund fails",
        "4925000000000061",
        "Visa",
        Behaviour::RefundFails,
    ),
    Card::new(
        "mastercard-secure",
        "Mastercard, asks the bank",
        "5213199803453465",
        "MasterCard",
        Behaviour::Challenged,
    ),
    Card::new(
        "mastercard-2",
        "Mastercard, pays",
        "5544330000000235",
        "MasterCard",
        Behaviour::Pays,
    ),
    Card::new(
        "amex",
        "American Express, pays",
        "376206000000009",
        "AmericanExpress",
        Behaviour::Pays,
    ),
];

/// The card that a stand-in for the payer uses, and that the form starts with.
pub(crate) fn first() -> &'static Card {
    &CARDS[0]
}

/// The card of a link's key.
pub(crate) fn find_by_key(key: &str) -> Option<&'static Card> {
    CARDS.iter().find(|card| card.key == key)
}

/// A card as it was used.
#[derive(Clone)]
pub(crate) struct Used {
    pub(crate) card: &'static Card,
    /// `MMYY`.
    pub(crate) expiry: String,
}

impl Used {
    /// What a stand-in for the payer pays with.
    pub(crate) fn sample() -> Self {
        Self {
            card: first(),
            expiry: "1233".to_owned(),
        }
    }
}

/// Reads a card form.
///
/// # Errors
/// A sentence for the payer; it never repeats what was typed.
pub(crate) fn read(number: &str, expiry: &str, cvc: &str) -> Result<Used, &'static str> {
    let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let card = CARDS.iter().find(|card| card.number == digits).ok_or(
        "This is a sandbox: it takes only Nexi's test cards. Choose one of them below; never type \
         the number of a real card here.",
    )?;
    let expiry = read_expiry(expiry, Utc::now())?;
    if cvc.len() != 3 || !cvc.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("The security code is three digits.");
    }
    Ok(Used { card, expiry })
}

/// `12/33`, `12/2033` or `1233` to `1233`.
fn read_expiry(text: &str, now: DateTime<Utc>) -> Result<String, &'static str> {
    const WRONG: &str = "The expiry date is month and year, for example 12/33.";
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '/');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if !text.chars().all(is_part) || !matches!(digits.len(), 4 | 6) {
        return Err(WRONG);
    }
    let (month, year) = (&digits[..2], &digits[digits.len() - 2..]);
    let month_number: u32 = month.parse().map_err(|_| WRONG)?;
    let year_number: i32 = format!("20{year}").parse().map_err(|_| WRONG)?;
    if !(1..=12).contains(&month_number) || digits.len() == 6 && &digits[2..4] != "20" {
        return Err(WRONG);
    }
    if (year_number, month_number) < (now.year(), now.month()) {
        return Err("The card has expired. Any date in the future will do.");
    }
    Ok(format!("{month}{year}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_shown_as_its_first_six_and_last_four_digits() {
        assert_eq!(first().masked(), "492500******0004");
        assert_eq!(find_by_key("amex").unwrap().masked(), "376206*****0009");
    }

    #[test]
    fn every_card_of_the_table_is_accepted_by_the_form() {
        for card in &CARDS {
            let used = read(&card.grouped(), SAMPLE_EXPIRY, SAMPLE_CVC).unwrap_or_else(|_| {
                panic!("{} was refused", card.key);
            });
            assert_eq!((used.card.key, used.expiry.as_str()), (card.key, "1233"));
        }
    }

    #[test]
    fn an_unknown_number_is_refused_without_being_repeated() {
        let refusal = read("4111 1111 1111 1111", "12/33", "123").err().unwrap();
        assert!(refusal.contains("test cards") && !refusal.contains("1111"));
    }

    #[test]
    fn a_past_or_impossible_expiry_is_refused() {
        for expiry in [
            "12/20", "13/33", "00/33", "1/3", "aa/bb", "", "12/33x", "12/1933",
        ] {
            assert!(read(first().number, expiry, "123").is_err(), "{expiry}");
        }
        for expiry in ["12/33", "12/2033", "1233", "12 / 33"] {
            assert!(read(first().number, expiry, "123").is_ok(), "{expiry}");
        }
    }
}
