//! The provider's public test cards and one that is always declined, and nothing else: a number
//! that is not in this table is refused, so nobody's real card can end up in a sandbox.
//!
//! What must never happen here: storing or logging what was typed. A match is replaced by its row
//! at once, and a row is shown only as first six and last four digits.

use chrono::{DateTime, Datelike, Utc};

/// How a card meets 3-D Secure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secure {
    /// Pays at once.
    Direct,
    /// The payer is asked for a one-time code.
    Challenge,
    /// Authenticated without a question.
    Frictionless,
    /// The bank says no. Ours: the provider declines by amount, which a shop with prices cannot ask.
    Declined,
}

/// One test card.
pub(crate) struct Card {
    /// How the page names it in a link.
    pub(crate) key: &'static str,
    pub(crate) label: &'static str,
    number: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) secure: Secure,
    /// `MM/YYYY` where the card works with one expiry only.
    only_expiry: Option<&'static str>,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key)
    }
}

impl Card {
    const fn new(
        key: &'static str,
        label: &'static str,
        number: &'static str,
        brand: &'static str,
        secure: Secure,
    ) -> Self {
        Self {
            key,
            label,
            number,
            brand,
            secure,
            only_expiry: None,
        }
    }

    const fn expiring(mut self, expiry: &'static str) -> Self {
        self.only_expiry = Some(expiry);
        self
    }

    /// `476173******0416`.
    pub(crate) fn masked(&self) -> String {
        let hidden = "*".repeat(self.number.len().saturating_sub(10));
        format!(
            "{}{hidden}{}",
            self.bin(),
            &self.number[self.number.len() - 4..]
        )
    }

    /// The first six digits.
    pub(crate) fn bin(&self) -> &'static str {
        &self.number[..6]
    }

    /// The published test number in groups of four, for the form to fill itself in.
    pub(crate) fn grouped(&self) -> String {
        let mut text = String::with_capacity(24);
        for (at, digit) in self.number.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                text.push(' ');
            }
            text.push(digit);
        }
        text
    }

    /// An expiry that works, as `MM/YY`.
    pub(crate) fn sample_expiry(&self) -> &'static str {
        match self.only_expiry {
            Some("09/2035") => "09/35",
            Some("04/2035") => "04/35",
            Some("11/2035") => "11/35",
            Some("06/2035") => "06/35",
            Some("07/2035") => "07/35",
            Some("12/2035") => "12/35",
            Some("08/2035") => "08/35",
            Some("02/2035") => "02/35",
            _ => "12/33",
        }
    }

    pub(crate) fn sample_cvc(&self) -> &'static str {
        if self.brand == "Amex" { "1234" } else { "123" }
    }

    fn cvc_digits(&self) -> usize {
        if self.brand == "Amex" { 4 } else { 3 }
    }
}

use Secure::{Challenge, Declined, Direct, Frictionless};

/// Every test card of the provider's external integration environment, and the declined one.
pub(crate) static CARDS: [Card; 25] = [
    Card::new(
        "visa-3ds",
        "Visa, with 3-D Secure",
        "4761739001010416",
        "Visa",
        Challenge,
    ),
    Card::new(
        "mc-3ds",
        "Mastercard, with 3-D Secure",
        "5226612199533406",
        "MasterCard",
        Challenge,
    ),
    Card::new(
        "visa-1",
        "Visa, no 3-D Secure",
        "4925000000000004",
        "Visa",
        Direct,
    ),
    Card::new(
        "declined",
        "Visa, always declined",
        "4000000000000002",
        "Visa",
        Declined,
    ),
    Card::new(
        "visa-2",
        "Visa, no 3-D Secure",
        "4581097032723517",
        "Visa",
        Direct,
    ),
    Card::new(
        "visa-3",
        "Visa, no 3-D Secure",
        "4581099940323133",
        "Visa",
        Direct,
    ),
    Card::new(
        "mc-1",
        "Mastercard, no 3-D Secure",
        "5226600159865967",
        "MasterCard",
        Direct,
    ),
    Card::new(
        "mc-2",
        "Mastercard, no 3-D Secure",
        "5226603115488031",
        "MasterCard",
        Direct,
    ),
    Card::new(
        "mc-3",
        "Mastercard, no 3-D Secure",
        "5226604266737382",
        "MasterCard",
        Direct,
    ),
    Card::new(
        "mc-4",
        "Mastercard, no 3-D Secure",
        "5226600156995650",
        "MasterCard",
        Direct,
    ),
    Card::new(
        "amex",
        "American Express",
        "377601000000000",
        "Amex",
        Direct,
    ),
    Card::new(
        "dankort-1",
        "Visa/Dankort",
        "4571994016401817",
        "Visa",
        Direct,
    ),
    Card::new(
        "dankort-2",
        "Visa/Dankort",
        "4571994016471869",
        "Visa",
        Direct,
    ),
    Card::new(
        "dankort-3",
        "Dankort",
        "5019994016316467",
        "Dankort",
        Direct,
    ),
    Card::new(
        "dankort-4",
        "Dankort",
        "5019994001307083",
        "Dankort",
        Direct,
    ),
    Card::new("maestro", "Maestro", "6764429999947470", "Maestro", Direct),
    Card::new(
        "forbrug",
        "Forbrugsforeningen",
        "6007220000000004",
        "Forbrugsforeningen",
        Direct,
    ),
    Card::new(
        "token-1",
        "Visa network token, frictionless",
        "4111112000003211",
        "Visa",
        Frictionless,
    )
    .expiring("09/2035"),
    Card::new(
        "token-2",
        "Mastercard network token, frictionless",
        "5510000000001232",
        "MasterCard",
        Frictionless,
    )
    .expiring("04/2035"),
    Card::new(
        "token-3",
        "Visa network token, challenge",
        "4111112000006545",
        "Visa",
        Challenge,
    )
    .expiring("11/2035"),
    Card::new(
        "token-4",
        "Mastercard network token, challenge",
        "5510000000002347",
        "MasterCard",
        Challenge,
    )
    .expiring("06/2035"),
    Card::new(
        "token-5",
        "Visa, tokenisation rejected",
        "4111112000004565",
        "Visa",
        Direct,
    )
    .expiring("07/2035"),
    Card::new(
        "token-6",
        "Visa, tokenisation rejected",
        "4111112000007899",
        "Visa",
        Direct,
    )
    .expiring("12/2035"),
    Card::new(
        "token-7",
        "Mastercard, tokenisation rejected",
        "5510000000009631",
        "MasterCard",
        Direct,
    )
    .expiring("08/2035"),
    Card::new(
        "token-8",
        "Mastercard, tokenisation rejected",
        "5510000000005431",
        "MasterCard",
        Direct,
    )
    .expiring("02/2035"),
];

/// The card that a stand-in for the payer uses, and that the form starts with.
pub(crate) fn first() -> &'static Card {
    &CARDS[0]
}

/// The card of a link's key.
pub(crate) fn find_by_key(key: &str) -> Option<&'static Card> {
    CARDS.iter().find(|card| card.key == key)
}

/// A card as the payer typed it, after the number was replaced by its row.
pub(crate) struct Typed {
    pub(crate) card: &'static Card,
    /// `MM/YYYY`.
    pub(crate) expiry: String,
}

/// Reads a card form.
///
/// # Errors
/// A sentence for the payer; it never repeats what was typed.
pub(crate) fn read(number: &str, expiry: &str, cvc: &str) -> Result<Typed, &'static str> {
    let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let card = CARDS.iter().find(|card| card.number == digits).ok_or(
        "This is a sandbox: it takes only PayEx's test cards. Choose one of them below; never type \
         the number of a real card here.",
    )?;
    let expiry = read_expiry(expiry, Utc::now())?;
    if card.only_expiry.is_some_and(|only| only != expiry) {
        return Err(
            "This test card works with one expiry date only. Choose it in the list to get \
                    the date filled in.",
        );
    }
    if cvc.len() != card.cvc_digits() || !cvc.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("The security code is three digits, and four on American Express.");
    }
    Ok(Typed { card, expiry })
}

/// `12/33`, `12/2033` or `1233` to `12/2033`.
fn read_expiry(text: &str, now: DateTime<Utc>) -> Result<String, &'static str> {
    const WRONG: &str = "The expiry date is month and year, for example 12/33.";
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text
        .chars()
        .any(|c| !c.is_ascii_digit() && !matches!(c, ' ' | '/'))
    {
        return Err(WRONG);
    }
    let (month, year) = match digits.len() {
        4 => (&digits[..2], format!("20{}", &digits[2..])),
        6 => (&digits[..2], digits[2..].to_owned()),
        _ => return Err(WRONG),
    };
    let month_number: u32 = month.parse().map_err(|_| WRONG)?;
    let year_number: i32 = year.parse().map_err(|_| WRONG)?;
    if !(1..=12).contains(&month_number) {
        return Err(WRONG);
    }
    if (year_number, month_number) < (now.year(), now.month()) {
        return Err("The card has expired. Any date in the future will do.");
    }
    Ok(format!("{month}/{year}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_shown_as_its_first_six_and_last_four_digits() {
        assert_eq!(first().masked(), "476173******0416");
        assert_eq!(find_by_key("amex").unwrap().masked(), "377601*****0000");
    }

    #[test]
    fn every_sample_of_the_table_is_accepted_by_the_form() {
        for card in &CARDS {
            let typed = read(&card.grouped(), card.sample_expiry(), card.sample_cvc()).unwrap();
            assert_eq!(typed.card.key, card.key);
        }
    }

    #[test]
    fn an_unknown_number_is_refused_without_being_repeated() {
        let refusal = read("4111 1111 1111 1111", "12/33", "123").err().unwrap();
        assert!(refusal.contains("test cards"));
        assert!(!refusal.contains("1111"));
    }

    #[test]
    fn a_past_or_impossible_expiry_is_refused() {
        for expiry in ["12/20", "13/33", "00/33", "1/3", "aa/bb", "", "12/33x"] {
            assert!(read(first().number, expiry, "123").is_err(), "{expiry}");
        }
        assert_eq!(
            read(first().number, "1233", "123").unwrap().expiry,
            "12/2033"
        );
    }
}
