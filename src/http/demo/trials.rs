//! What to try at the simulated providers: the test cards of each, and what their pages ask.
//!
//! The numbers are the providers' public test numbers, which their simulators know; nobody's card.

use mcpay_port::ProviderId;
use serde::Serialize;

/// A number that a simulator knows, and what it does with it.
#[derive(Serialize)]
pub struct TestCard {
    number: &'static str,
    behaviour: &'static str,
}

const fn card(number: &'static str, behaviour: &'static str) -> TestCard {
    TestCard { number, behaviour }
}

const PAYEX_CARDS: [TestCard; 3] = [
    card("4925 0000 0000 0004", "Paid at once"),
    card("4761 7390 0101 0416", "Asks for 3-D Secure"),
    card("4000 0000 0000 0002", "Declined; try another"),
];

const NEXI_CARDS: [TestCard; 5] = [
    card("4925 0000 0000 0004", "Paid at once"),
    card("4268 2700 8737 4847", "Asks for 3-D Secure"),
    card("4925 0000 0000 0087", "Declined; try another"),
    card(
        "4925 0000 0000 0079",
        "Paid, but its later capture is declined",
    ),
    card("4925 0000 0000 0061", "Paid, but a refund of it fails"),
];

/// The invented payer whom the simulator of Vipps suggests.
pub const DEMO_PHONE_NUMBER: &str = "+47 12 34 56 78";

pub const fn test_cards(provider: ProviderId) -> &'static [TestCard] {
    match provider {
        ProviderId::Payex => &PAYEX_CARDS,
        ProviderId::Nexi => &NEXI_CARDS,
        ProviderId::Vipps => &[],
    }
}

/// How the provider's pages are used, in a sentence or two.
pub const fn note(provider: ProviderId) -> &'static str {
    match provider {
        ProviderId::Payex | ProviderId::Nexi => {
            "Any future expiry date and any three digits will do."
        }
        ProviderId::Vipps => {
            "The page asks for a phone number, unless it stands there already: any with its country code \
             will do. Then it stands for the app, where you approve or reject. If you do nothing, the \
             request runs out after ten minutes."
        }
    }
}
