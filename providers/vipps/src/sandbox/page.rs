//! The HTML of the pages that a payer sees. Everything that comes from outside is escaped by the
//! template engine.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use mcpay_port::{Currency, Money};

use super::epayment::payment::Payment;
use super::landing::GONE;
use super::recurring::agreement::Agreement;
use super::recurring::pricing::Pricing;
use super::state::State;
use super::visit::Visit;

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
<link rel="stylesheet" href="{{ base }}/landing/style.css">
</head>
<body>
<main>
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
}

/// What the payer is asked for, of a payment or an agreement.
pub(crate) struct Card<'a> {
    landing: &'a str,
    heading: String,
    about: &'a str,
    /// What an agreement will cost later on.
    later: Option<String>,
    button: &'static str,
    is_open: bool,
    status: &'static str,
    visit: &'a Visit,
}

impl<'a> Card<'a> {
    pub(crate) fn of_payment(payment: &'a Payment) -> Self {
        Self {
            landing: &payment.landing,
            heading: money(payment.amount, payment.currency),
            about: payment.description.as_deref().unwrap_or(&payment.reference),
            later: None,
            button: "Approve and pay",
            is_open: payment.is_open(),
            status: payment.status.name(),
            visit: &payment.visit,
        }
    }

    pub(crate) fn of_agreement(agreement: &'a Agreement) -> Self {
        let currency = agreement.name.currency;
        let now = agreement
            .initial_charge()
            .map(|charge| money(charge.amount, currency));
        let (heading, button) = match now {
            Some(amount) => (amount, "Approve and pay"),
            None => ("Nothing to pay now".to_owned(), "Approve"),
        };
        Self {
            landing: &agreement.landing,
            heading,
            about: &agreement.product_name,
            later: Some(later(agreement)),
            button,
            is_open: agreement.is_open(),
            status: agreement.status.name(),
            visit: &agreement.visit,
        }
    }
}

fn later(agreement: &Agreement) -> String {
    let currency = agreement.name.currency;
    let often = agreement
        .interval
        .map(|interval| {
            interval.to_json()["text"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .unwrap_or_default();
    match agreement.pricing {
        Pricing::Legacy { amount } => format!("Then {} {often}", money(amount, currency)),
        Pricing::Variable { suggested_max } => {
            format!("Then up to {} {often}", money(suggested_max, currency))
        }
        Pricing::Flexible => "Then what you use".to_owned(),
    }
}

/// `NOK 349.00`.
fn money(minor: i64, currency: Currency) -> String {
    format!(
        "{} {}",
        currency.code(),
        Money::new(minor, currency).to_major()
    )
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="top"><span>Vipps MobilePay</span><span class="tag">Sandbox</span></p>
<div class="sheet">
<h1>{{ card.heading }}</h1>
<p class="about">{{ card.about }}</p>
{% if let Some(later) = card.later %}<p class="about">{{ later }}</p>
{% endif %}{% if let Some(error) = error %}<p class="alarm" role="alert">{{ error }}</p>
{% endif %}<form class="card" method="post" action="{{ action }}">
<label for="phone">Phone number, with country code</label>
<input id="phone" name="phone" type="tel" inputmode="tel" autocomplete="off" value="{{ card.visit.phone() }}" required>
<button class="pay" name="answer" value="phone" type="submit">Continue</button>
</form>
<form method="post" action="{{ action }}">
<button class="back" name="answer" value="reject" type="submit">Cancel and go back</button>
</form>
</div>
<p class="foot">This page and the app behind it stand in for Vipps MobilePay. No money moves here.
If you do nothing, the request runs out after ten minutes.</p>"#
)]
struct PhonePage<'a> {
    card: &'a Card<'a>,
    error: Option<&'a str>,
    action: String,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="top"><span>The app</span><span class="tag">Sandbox</span></p>
<div class="sheet">
<h2>Share your information?</h2>
<p class="about">The shop asks for this, and gets all of it or none:</p>
<ul>
{% for fact in facts %}<li>{{ fact }}</li>
{% endfor %}</ul>
<form class="card" method="post" action="{{ action }}">
<button class="pay" name="answer" value="consent" type="submit">Share</button>
<button class="back" name="answer" value="reject" type="submit">Do not share</button>
</form>
</div>
<p class="foot">Who does not share does not pay: the request ends.</p>"#
)]
struct ConsentPage {
    facts: Vec<&'static str>,
    action: String,
}

fn fact(scope: &str) -> &'static str {
    match scope {
        "name" => "Your name",
        "address" => "Your addresses",
        "email" => "Your e-mail address",
        "phoneNumber" => "Your phone number",
        "birthDate" => "Your date of birth",
        _ => "Your national identity number",
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="top"><span>The app</span><span class="tag">Sandbox</span></p>
<div class="sheet">
<h1>{{ card.heading }}</h1>
<p class="about">{{ card.about }}</p>
{% if let Some(later) = card.later %}<p class="about">{{ later }}</p>
{% endif %}{% if let Some(alarm) = card.visit.alarm %}<p class="alarm" role="alert">{{ alarm }} You may try again, or give up.</p>
{% endif %}<form class="card" method="post" action="{{ action }}">
<button class="pay" name="answer" value="approve" type="submit">{{ card.button }}</button>
<button class="back" name="answer" value="reject" type="submit">Reject</button>
</form>
</div>
<p class="foot">To do nothing, leave this page: the request runs out in ten minutes.</p>"#
)]
struct ApprovePage<'a> {
    card: &'a Card<'a>,
    action: String,
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
struct Notice<'a> {
    title: &'a str,
    text: String,
    onward: Option<&'a str>,
}

/// The page that comes next.
pub(crate) fn show(state: &State, card: &Card<'_>, error: Option<&str>) -> HttpResponse {
    let action = format!("{}/landing?token={}", state.base_path, card.landing);
    let title = card.about;
    if !card.is_open {
        let notice = Notice {
            title: "This request is over",
            text: format!("It is {}.", card.status.to_ascii_lowercase()),
            onward: card.visit.return_url.as_ref().map(url::Url::as_str),
        };
        return whole(state, StatusCode::OK, title, &notice);
    }
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    if !card.visit.is_known {
        return whole(
            state,
            status,
            title,
            &PhonePage {
                card,
                error,
                action,
            },
        );
    }
    if card.visit.lacks_consent() {
        let facts = card.visit.scope.iter().map(|scope| fact(scope)).collect();
        return whole(state, status, title, &ConsentPage { facts, action });
    }
    whole(state, status, title, &ApprovePage { card, action })
}

/// A link that leads nowhere.
pub(crate) fn unknown(state: &State) -> HttpResponse {
    let notice = Notice {
        title: "This link leads nowhere",
        text: "Go back to the shop and begin anew.".to_owned(),
        onward: None,
    };
    whole(state, GONE, "Not found", &notice)
}

fn whole(state: &State, status: StatusCode, title: &str, content: &impl Template) -> HttpResponse {
    let content = content.render().unwrap_or_default();
    let layout = Layout {
        title,
        base: &state.base_path,
        content: &content,
    };
    mcpay_sandbox::page::show(status, layout.render().unwrap_or_default(), None)
}
