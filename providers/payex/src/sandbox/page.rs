//! The HTML of the pages that a payer sees: plain forms, no script needed. Everything that comes
//! from outside is escaped by the template engine.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use mcpay_port::{Currency, Money};
pub(crate) use mcpay_sandbox::page::go;
use url::Url;

use super::cards::{CARDS, Card};
use super::order::{Operation, Order};
use super::state::State;

/// How many cards are offered before the payer asks for all.
const SHOWN_AT_ONCE: usize = 4;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{ title }}</title>
<link rel="stylesheet" href="{{ base }}/checkout/style.css">
{% if let Some(frame) = frame %}<script src="{{ base }}/checkout/frame.js" defer></script>
</head>
<body class="embedded" data-parent="{{ frame.parent }}" data-events="{{ frame.events }}" data-wait="{{ frame.waits }}">
{% else %}</head>
<body>
{% endif %}<main>
{{ content|safe }}
</main>
</body>
</html>
"#
)]
struct Layout<'a> {
    title: &'a str,
    base: &'a str,
    content: &'a str,
    frame: Option<Frame<'a>>,
}

/// What an embedded page says to the page around it.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// The exact origin that is spoken to.
    pub(crate) parent: &'a str,
    /// A JSON list of `{event, …}`.
    pub(crate) events: &'a str,
    /// The page around wants to be asked before the payer pays.
    pub(crate) waits: bool,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="top"><span>{{ payee }}</span><span class="tag">Sandbox</span></p>
<div class="sheet">
<h1>{{ amount }}</h1>
<p class="about">{{ description }}</p>
{% if let Some(note) = note %}<p class="about">{{ note }}</p>
{% endif %}{% if let Some(error) = error %}<p class="alarm" role="alert">{{ error }}</p>
{% endif %}<form class="card" id="pay" method="post" action="{{ own }}{{ query }}">
<label for="number">Card number</label>
<input id="number" name="number" inputmode="numeric" autocomplete="off" value="{{ card.grouped() }}" required>
<div class="pair">
<div><label for="expiry">Expiry (MM/YY)</label>
<input id="expiry" name="expiry" inputmode="numeric" autocomplete="off" value="{{ card.sample_expiry() }}" required></div>
<div><label for="cvc">Security code</label>
<input id="cvc" name="cvc" inputmode="numeric" autocomplete="off" value="{{ card.sample_cvc() }}" required></div>
</div>
<button class="pay" type="submit">{{ button }}</button>
</form>
<form method="post" action="{{ own }}/cancel{{ query }}" id="cancel">
<button class="back" type="submit"{% if embedded %} hidden{% endif %}>Cancel and go back</button>
</form>
<nav class="choose" aria-label="Test cards">
<p>Choose a test card</p>
<ul>
{% for offered in first %}{{ Self::link(self, offered)|safe }}
{% endfor %}</ul>
<details{% if card_is_hidden %} open{% endif %}><summary>More test cards</summary>
<ul>
{% for offered in others %}{{ Self::link(self, offered)|safe }}
{% endfor %}</ul>
</details>
</nav>
</div>
<p class="foot">This is a stand-in for PayEx. No money moves here, and only test cards work.{% if let Some(terms) = terms %} <a href="{{ terms }}" id="terms" target="_blank" rel="noopener">Terms</a>{% endif %}</p>"#
)]
pub(crate) struct CardPage<'a> {
    payee: &'a str,
    amount: String,
    description: &'a str,
    note: Option<&'static str>,
    error: Option<&'a str>,
    own: String,
    /// Kept in every link of the page, with its question mark.
    query: String,
    card: &'static Card,
    button: String,
    embedded: bool,
    card_is_hidden: bool,
    first: &'static [Card],
    others: &'static [Card],
    terms: Option<&'a Url>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<li><a href="{{ own }}{{ query }}"{% if chosen %} aria-current="true"{% endif %}><span>{{ label }}</span><small>{{ masked }}</small></a></li>"#
)]
struct CardLink<'a> {
    own: &'a str,
    query: String,
    chosen: bool,
    label: &'a str,
    masked: String,
}

impl<'a> CardPage<'a> {
    pub(crate) fn new(
        state: &State,
        order: &'a Order,
        card: &'static Card,
        error: Option<&'a str>,
        embedded: Option<&str>,
    ) -> Self {
        let (first, others) = CARDS.split_at(SHOWN_AT_ONCE);
        let amount = amount(order);
        let verifies = order.operation == Operation::Verify;
        let note = match (verifies, order.generate.any()) {
            (true, _) => Some("Nothing is charged now; your card is registered for later."),
            (false, true) => Some("Your card is also registered for later payments."),
            (false, false) => None,
        };
        let end = if embedded.is_some() { "/frame" } else { "" };
        Self {
            payee: order.payee_name.as_deref().unwrap_or("Payment"),
            button: if verifies {
                "Register card".to_owned()
            } else {
                format!("Pay {amount}")
            },
            amount: if verifies {
                "Register your card".to_owned()
            } else {
                amount
            },
            description: &order.description,
            note,
            error,
            own: format!("{}/checkout/{}{end}", state.base_path, order.view_token),
            query: embedded
                .map(|query| format!("?{query}"))
                .unwrap_or_default(),
            card,
            embedded: embedded.is_some(),
            card_is_hidden: others.iter().any(|other| other.key == card.key),
            first,
            others,
            terms: order.urls.terms.as_ref(),
        }
    }

    fn link(&self, card: &Card) -> String {
        let mark = if self.query.is_empty() { '?' } else { '&' };
        let link = CardLink {
            own: &self.own,
            query: format!("{}{mark}card={}", self.query, card.key),
            chosen: card.key == self.card.key,
            label: card.label,
            masked: card.masked(),
        };
        link.render().unwrap_or_default()
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="top"><span>Your bank</span><span class="tag">Sandbox</span></p>
<div class="sheet">
<h2>Is this you?</h2>
<p class="about">{{ payee }} asks for a payment with your card. A real bank would ask for a one-time code here.</p>
<dl class="facts"><dt>Amount</dt><dd>{{ amount }}</dd><dt>Card</dt><dd>{{ card }}</dd></dl>
<form method="post" action="{{ action }}">
<button class="pay" name="answer" value="approve" type="submit">Approve</button>
<button class="back" name="answer" value="cancel" type="submit">Cancel</button>
</form>
</div>
<p class="foot">This page stands in for 3-D Secure. Approve confirms the payment; Cancel ends this attempt, and you may try again.</p>"#
)]
pub(crate) struct CodePage<'a> {
    pub(crate) payee: &'a str,
    pub(crate) amount: String,
    pub(crate) card: String,
    pub(crate) action: String,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="sheet">
<h2>{{ title }}</h2>
<p class="about">{{ text }}</p>
{% if let Some(onward) = onward %}<p><a href="{{ onward }}" target="_top">Go on</a></p>
{% endif %}</div>"#
)]
pub(crate) struct Notice<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) onward: Option<&'a str>,
}

/// `NOK 349.00`.
pub(crate) fn amount(order: &Order) -> String {
    match Currency::from_code(&order.currency) {
        Some(currency) => {
            format!(
                "{} {}",
                order.currency,
                Money::new(order.amount, currency).to_major()
            )
        }
        None => order.currency.clone(),
    }
}

/// A whole page. `ancestors` are the origins that may embed it; none for a page of its own.
pub(crate) fn show(
    state: &State,
    status: StatusCode,
    title: &str,
    content: &impl Template,
    framed: Option<(Frame<'_>, &[String])>,
) -> HttpResponse {
    let content = content.render().unwrap_or_default();
    let layout = Layout {
        title,
        base: &state.base_path,
        content: &content,
        frame: framed.map(|(frame, _)| frame),
    };
    let html = layout.render().unwrap_or_default();
    mcpay_sandbox::page::show(status, html, framed.map(|(_, hosts)| hosts))
}
