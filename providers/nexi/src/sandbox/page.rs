//! The HTML of the pages that a payer sees. Everything that comes from outside is escaped by the
//! template engine.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use mcpay_port::{Currency, Money};
use serde::Deserialize;
use url::form_urlencoded;

use super::cards::{self, CARDS, Card, SAMPLE_CVC, SAMPLE_EXPIRY, Used};
use super::payment::Payment;
use super::state::{SharedPayment, State, locked};

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
<body class="embedded" data-parent="{{ frame.parent }}" data-tells="{{ frame.tells }}">
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
    pub(crate) tells: &'a str,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="top"><span>Nexi Checkout</span><span class="tag">Sandbox</span></p>
<div class="sheet">
<h1>{{ amount }}</h1>
<p class="about">{{ description }}</p>
{% if stores %}<p class="about">Your card is also stored for later payments.</p>
{% endif %}<p class="alarm" id="alarm" role="alert"{% if error.is_none() %} hidden{% endif %}>{% if let Some(error) = error %}{{ error }}{% endif %}</p>
<form class="card" id="pay" method="post" action="{{ own }}">
<label for="number">Card number</label>
<input id="number" name="number" inputmode="numeric" autocomplete="off" value="{{ card.grouped() }}" required>
<div class="pair">
<div><label for="expiry">Expiry (MM/YY)</label>
<input id="expiry" name="expiry" inputmode="numeric" autocomplete="off" value="{{ expiry }}" required></div>
<div><label for="cvc">Security code</label>
<input id="cvc" name="cvc" inputmode="numeric" autocomplete="off" value="{{ cvc }}" required></div>
</div>
<button class="pay" type="submit">{{ button }}</button>
</form>
{% if let Some(cancel) = cancel %}<p class="foot"><a href="{{ cancel }}" id="cancel">Cancel and go back to the shop</a></p>
{% endif %}<nav class="choose" aria-label="Test cards">
<p>Choose a test card</p>
<ul>
{% for offered in first %}{{ self.link(offered)|safe }}
{% endfor %}</ul>
<details{% if card_is_hidden %} open{% endif %}><summary>More test cards</summary>
<ul>
{% for offered in others %}{{ self.link(offered)|safe }}
{% endfor %}</ul>
</details>
</nav>
</div>
<p class="foot">This is a stand-in for Nexi Checkout. No money moves here, and only test cards work.{% if let Some(language) = language %} Nexi would speak <span id="language">{{ language }}</span>.{% endif %}</p>"#
)]
pub(crate) struct CardPage<'a> {
    amount: String,
    description: String,
    stores: bool,
    error: Option<&'a str>,
    /// The page's own address, with its query.
    own: &'a str,
    card: &'static Card,
    expiry: &'static str,
    cvc: &'static str,
    button: String,
    cancel: Option<&'a str>,
    card_is_hidden: bool,
    first: &'static [Card],
    others: &'static [Card],
    language: Option<&'a str>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<li><a href="{{ own }}&amp;card={{ key }}"{% if chosen %} aria-current="true"{% endif %}><span>{{ label }}</span><small>{{ masked }}</small></a></li>"#
)]
struct CardLink<'a> {
    own: &'a str,
    key: &'a str,
    chosen: bool,
    label: &'a str,
    masked: String,
}

/// What a card page is opened with, beside the payment.
pub(crate) struct Asked<'a> {
    /// The page's own address, with its query.
    pub(crate) own: &'a str,
    pub(crate) card: Option<&'a str>,
    pub(crate) language: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
    pub(crate) cancel: Option<&'a str>,
}

impl<'a> CardPage<'a> {
    pub(crate) fn new(payment: &'a Payment, asked: &Asked<'a>) -> Self {
        let (first, others) = CARDS.split_at(SHOWN_AT_ONCE);
        let registers = payment.order.amount == 0;
        let amount = amount(payment);
        let card = asked.card.and_then(cards::find_by_key);
        let card = card.unwrap_or_else(cards::first);
        Self {
            button: if registers {
                "Store card".to_owned()
            } else {
                format!("Pay {amount}")
            },
            amount: if registers {
                "Store your card".to_owned()
            } else {
                amount
            },
            description: description(payment),
            stores: payment.wanted.is_some() && !registers,
            error: asked.error.or(payment.last_failure),
            own: asked.own,
            card,
            expiry: SAMPLE_EXPIRY,
            cvc: SAMPLE_CVC,
            cancel: asked.cancel,
            card_is_hidden: others.iter().any(|other| other.key == card.key),
            first,
            others,
            language: asked.language,
        }
    }

    fn link(&self, card: &Card) -> String {
        let link = CardLink {
            own: self.own,
            key: card.key,
            chosen: card.key == self.card.key,
            label: card.label,
            masked: card.masked(),
        };
        link.render().unwrap_or_default()
    }
}

fn description(payment: &Payment) -> String {
    let items = payment.order.items.iter();
    let names: Vec<&str> = items.filter_map(|item| item["name"].as_str()).collect();
    names.join(", ")
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="top"><span>Your bank</span><span class="tag">Sandbox</span></p>
<div class="sheet">
<h2>Is this you?</h2>
<p class="about">A shop asks for a payment with your card. A real bank would ask for a code here.</p>
<dl class="facts"><dt>Amount</dt><dd>{{ amount }}</dd><dt>Card</dt><dd>{{ card }}</dd></dl>
<form method="post" action="{{ own }}">
<button class="pay" name="answer" value="approve" type="submit">Approve</button>
<button class="back" name="answer" value="fail" type="submit">Fail</button>
</form>
</div>
<p class="foot">This page stands in for 3-D Secure. Approve confirms the payment; Fail ends this attempt, and you may try again.</p>"#
)]
pub(crate) struct BankPage<'a> {
    pub(crate) amount: String,
    pub(crate) card: String,
    pub(crate) own: &'a str,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="sheet">
<h2>{{ title }}</h2>
<p class="about">{{ text }}</p>
{% if let Some(onward) = onward %}<p><a href="{{ onward }}">Go back to the shop</a></p>
{% endif %}</div>"#
)]
pub(crate) struct Notice<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) onward: Option<&'a str>,
}

/// What the payer typed. No `Debug`: it holds a card number.
#[derive(Deserialize)]
pub(crate) struct CardForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    expiry: String,
    #[serde(default)]
    cvc: String,
}

impl CardForm {
    /// # Errors
    /// A sentence for the payer.
    pub(crate) fn read(&self) -> Result<Used, &'static str> {
        cards::read(&self.number, &self.expiry, &self.cvc)
    }
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/checkout/style.css", mcpay_sandbox::page::style())
        .route("/checkout/frame.js", web::get().to(super::frame::script));
}

/// `NOK 349.00`.
pub(crate) fn amount(payment: &Payment) -> String {
    let order = &payment.order;
    match Currency::from_code(&order.currency) {
        Some(currency) => {
            let major = Money::new(order.amount, currency).to_major();
            format!("{} {major}", order.currency)
        }
        None => order.currency.clone(),
    }
}

/// A page of its own.
pub(crate) fn show(
    state: &State,
    status: StatusCode,
    title: &str,
    content: &impl Template,
) -> HttpResponse {
    let html = layout(state, title, content, None);
    mcpay_sandbox::page::show(status, html, None)
}

/// A page that `embedder` may embed.
pub(crate) fn embed(
    state: &State,
    status: StatusCode,
    title: &str,
    content: &impl Template,
    embedder: (&str, Frame<'_>),
) -> HttpResponse {
    let (origin, frame) = embedder;
    let html = layout(state, title, content, Some(frame));
    mcpay_sandbox::page::show(status, html, Some(&[origin.to_owned()]))
}

fn layout(state: &State, title: &str, content: &impl Template, frame: Option<Frame<'_>>) -> String {
    let content = content.render().unwrap_or_default();
    let layout = Layout {
        title,
        base: &state.base_path,
        content: &content,
        frame,
    };
    layout.render().unwrap_or_default()
}

/// A page's own address without the card that was chosen, so that another can be.
pub(crate) fn own(request: &HttpRequest) -> String {
    let asked = form_urlencoded::parse(request.query_string().as_bytes());
    let kept = asked.filter(|(name, _)| name != "card");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    format!("{}?{query}", request.path())
}

/// There is no such payment, or it is another merchant's.
pub(crate) fn unknown(state: &State) -> HttpResponse {
    let notice = Notice {
        title: "There is no such payment",
        text: "The link is wrong, or the sandbox was restarted since. Go back to the shop and \
               start again.",
        onward: None,
    };
    show(state, StatusCode::NOT_FOUND, "No such payment", &notice)
}

/// The payment of this id, when it is the merchant's of this public key.
pub(crate) fn find(state: &State, checkout_key: &str, payment: &str) -> Option<SharedPayment> {
    let shared = state.find_payment(payment)?;
    let account = locked(&shared).account;
    let is_own = state.accounts.get(account)?.checkout_key == checkout_key;
    is_own.then_some(shared)
}
