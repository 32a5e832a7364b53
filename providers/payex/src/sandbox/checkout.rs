//! The page where the payer pays in the redirect flow: no script, only forms. A failed attempt is
//! shown and can be tried again; the end sends the browser back to the shop.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use url::Url;

use super::abort;
use super::attempt::{self, Outcome};
use super::cards::{self, Card};
use super::order::{Integration, Order, Status};
use super::page::{self, CardPage, Notice};
use super::state::{State, locked};

/// `abortReason` of an order that the payer gave up.
pub(crate) const ABORTED_BY_PAYER: &str = "Payment aborted by payer";

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
    pub(crate) fn read(&self) -> Result<cards::Typed, &'static str> {
        cards::read(&self.number, &self.expiry, &self.cvc)
    }
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    card: Option<String>,
}

impl Choice {
    pub(crate) fn card(&self) -> &'static Card {
        self.card
            .as_deref()
            .and_then(cards::find_by_key)
            .unwrap_or_else(cards::first)
    }
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/checkout/style.css", mcpay_sandbox::page::style())
        .route("/checkout/{token:[0-9a-f]{64}}", web::get().to(show))
        .route("/checkout/{token:[0-9a-f]{64}}", web::post().to(pay))
        .route(
            "/checkout/{token:[0-9a-f]{64}}/cancel",
            web::post().to(cancel),
        );
}

async fn show(state: Data<State>, token: Path<String>, choice: Query<Choice>) -> HttpResponse {
    let Some(shared) = state.find_by_view_token(&token) else {
        return unknown(&state);
    };
    let mut order = locked(&shared);
    attempt::approve_by_itself(&state, &mut order);
    if order.status != Status::Initialized {
        return leave(&state, &order);
    }
    note_loaded(&mut order, Integration::Redirect);
    let error = order.failed_attempts.last().map(attempt_text);
    form(&state, &order, choice.card(), error)
}

async fn pay(state: Data<State>, token: Path<String>, typed: Form<CardForm>) -> HttpResponse {
    let Some(shared) = state.find_by_view_token(&token) else {
        return unknown(&state);
    };
    let mut order = locked(&shared);
    let typed = match typed.read() {
        Ok(typed) => typed,
        Err(_) if order.status != Status::Initialized => return leave(&state, &order),
        Err(text) => return form(&state, &order, cards::first(), Some(text)),
    };
    // Decides where the payer comes back to from 3-D Secure.
    if order.status == Status::Initialized {
        note_loaded(&mut order, Integration::Redirect);
    }
    match attempt::start(&state, &mut order, typed, false) {
        Ok(Outcome::Challenge(number)) => {
            page::go(&super::three_d_secure::url(&state, &order, number))
        }
        Ok(Outcome::Failed) => page::go(&own_url(&state, &order)),
        Ok(Outcome::Paid) | Err(_) => leave(&state, &order),
    }
}

async fn cancel(state: Data<State>, token: Path<String>) -> HttpResponse {
    let Some(shared) = state.find_by_view_token(&token) else {
        return unknown(&state);
    };
    let mut order = locked(&shared);
    // A payer who paid meanwhile is sent on as paid.
    let _ = abort::abort(&mut order, ABORTED_BY_PAYER, "Payer");
    leave(&state, &order)
}

/// The page's own address.
pub(crate) fn own_url(state: &State, order: &Order) -> String {
    format!("{}/checkout/{}", state.base, order.view_token)
}

/// Where the shop takes the payer back, once the order is not open any more.
pub(crate) fn way_back(order: &Order) -> Option<&Url> {
    let urls = &order.urls;
    match order.status {
        Status::Paid => urls.complete.as_ref(),
        Status::Aborted => urls.cancel.as_ref().or(urls.complete.as_ref()),
        _ => None,
    }
}

fn leave(state: &State, order: &Order) -> HttpResponse {
    if let Some(url) = way_back(order) {
        return page::go(url.as_str());
    }
    let notice = Notice {
        title: "This payment is closed",
        text: "It was cancelled or given back. Go back to the shop to start a new one.",
        onward: order.urls.complete.as_ref().map(Url::as_str),
    };
    page::show(state, StatusCode::OK, "Payment closed", &notice, None)
}

fn form(state: &State, order: &Order, card: &'static Card, error: Option<&str>) -> HttpResponse {
    let content = CardPage::new(state, order, card, error, None);
    page::show(state, StatusCode::OK, "Pay", &content, None)
}

/// What the payer is told about the last attempt.
pub(crate) fn attempt_text(failed: &super::order::FailedAttempt) -> &'static str {
    if failed.status == "Aborted" {
        "The payment was not confirmed at your bank. You can try again."
    } else {
        "The payment was declined. You can try again, or with another card."
    }
}

/// Notes that a page was opened, once for each kind.
pub(crate) fn note_loaded(order: &mut Order, integration: Integration) {
    if order.integration != integration {
        order.integration = integration;
        order.note("PaymentLoaded", "PaymentGateway", None, None);
    }
}

pub(crate) fn unknown(state: &State) -> HttpResponse {
    let notice = Notice {
        title: "There is no such payment",
        text: "The link is wrong, or the sandbox was restarted since. Go back to the shop and \
               start again.",
        onward: None,
    };
    page::show(
        state,
        StatusCode::NOT_FOUND,
        "No such payment",
        &notice,
        None,
    )
}
