//! The card form inside the seamless view's frame. It tells the page around it what happens, by
//! messages to that page's exact origin, which must be one of the order's `hostUrls`.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::abort;
use super::attempt::{self, Outcome};
use super::cards::{self, Card};
use super::checkout::{self, ABORTED_BY_PAYER, CardForm};
use super::order::{Integration, Order, Status, Untold};
use super::page::{self, CardPage, Frame, Notice};
use super::state::{State, locked};

const SCRIPT: &str = include_str!("frame.js");

#[derive(Deserialize)]
struct Around {
    /// The origin of the page around the frame.
    #[serde(default)]
    parent: String,
    /// That page wants to be asked before the payer pays.
    #[serde(default)]
    wait: bool,
    card: Option<String>,
}

impl Around {
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("parent", &self.parent);
        if self.wait {
            query.append_pair("wait", "true");
        }
        query.finish()
    }

    fn card(&self) -> &'static Card {
        self.card
            .as_deref()
            .and_then(cards::find_by_key)
            .unwrap_or_else(cards::first)
    }
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/checkout/frame.js", web::get().to(script))
        .route("/checkout/{token:[0-9a-f]{64}}/frame", web::get().to(show))
        .route("/checkout/{token:[0-9a-f]{64}}/frame", web::post().to(pay))
        .route(
            "/checkout/{token:[0-9a-f]{64}}/frame/cancel",
            web::post().to(cancel),
        );
}

async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(SCRIPT)
}

/// The origins that may embed the order's view.
pub(crate) fn origins(order: &Order) -> Vec<String> {
    order
        .urls
        .hosts
        .iter()
        .map(|url| url.origin().ascii_serialization())
        .collect()
}

async fn show(state: Data<State>, token: Path<String>, around: Query<Around>) -> HttpResponse {
    with_order(&state, &token, &around, |order| {
        attempt::approve_by_itself(&state, order);
        checkout::note_loaded(order, Integration::HostedView);
        let told = match order.untold.take() {
            Some(Untold::AttemptFailed) => vec![failed_event(order)],
            Some(Untold::AttemptAborted) => {
                vec![
                    json!({ "event": "onPaymentAttemptAborted", "redirectUrl": order.urls.payment }),
                ]
            }
            None => Vec::new(),
        };
        let error = order.failed_attempts.last().map(checkout::attempt_text);
        page_of(&state, order, &around, told, error)
    })
}

async fn pay(
    state: Data<State>,
    token: Path<String>,
    around: Query<Around>,
    typed: Form<CardForm>,
) -> HttpResponse {
    with_order(&state, &token, &around, |order| {
        let typed = match typed.read() {
            Ok(typed) => typed,
            Err(text) => return page_of(&state, order, &around, Vec::new(), Some(text)),
        };
        // Decides where the payer comes back to from 3-D Secure.
        checkout::note_loaded(order, Integration::HostedView);
        let started = json!({ "event": "onPaymentAttemptStarted", "instrument": "creditcard" });
        match attempt::start(&state, order, typed, true) {
            Ok(Outcome::Challenge(number)) => {
                leave_for_code(&state, order, &around, number, started)
            }
            Ok(Outcome::Failed) => {
                let error = order.failed_attempts.last().map(checkout::attempt_text);
                let events = vec![started, failed_event(order)];
                page_of(&state, order, &around, events, error)
            }
            Ok(Outcome::Paid) => page_of(&state, order, &around, vec![started], None),
            Err(_) => page_of(&state, order, &around, Vec::new(), None),
        }
    })
}

async fn cancel(state: Data<State>, token: Path<String>, around: Query<Around>) -> HttpResponse {
    with_order(&state, &token, &around, |order| {
        // An order that was paid meanwhile is shown as paid.
        let _ = abort::abort(order, ABORTED_BY_PAYER, "Payer");
        page_of(&state, order, &around, Vec::new(), None)
    })
}

/// Finds the order, and refuses a page around that is not one of its hosts.
fn with_order(
    state: &State,
    token: &str,
    around: &Around,
    work: impl FnOnce(&mut Order) -> HttpResponse,
) -> HttpResponse {
    let Some(shared) = state.find_by_view_token(token) else {
        return checkout::unknown(state);
    };
    let mut order = locked(&shared);
    if !origins(&order).contains(&around.parent) {
        let notice = Notice {
            title: "This page may not show the payment",
            text: "Its origin is not one of the order's hostUrls.",
            onward: None,
        };
        return page::show(state, StatusCode::FORBIDDEN, "Not allowed", &notice, None);
    }
    work(&mut order)
}

fn failed_event(order: &Order) -> Value {
    let text = order.failed_attempts.last().map(checkout::attempt_text);
    json!({ "event": "onPaymentAttemptFailed", "details": text })
}

/// The card form while the order is open, else its end.
fn page_of(
    state: &State,
    order: &Order,
    around: &Around,
    mut events: Vec<Value>,
    error: Option<&str>,
) -> HttpResponse {
    if order.status == Status::Initialized {
        let query = around.query();
        let content = CardPage::new(state, order, around.card(), error, Some(&query));
        return embed(state, order, around, &events, "Pay", &content);
    }
    let (event, title, text) = match order.status {
        Status::Paid => ("onPaid", "Thank you", "The payment is done."),
        Status::Aborted => (
            "onAborted",
            "The payment was cancelled",
            "Nothing was charged.",
        ),
        _ => (
            "onError",
            "This payment is closed",
            "It was cancelled or given back.",
        ),
    };
    let onward = checkout::way_back(order).map(Url::as_str);
    events.push(json!({ "event": event, "redirectUrl": onward, "details": text }));
    let notice = Notice {
        title,
        text,
        onward: None,
    };
    embed(state, order, around, &events, title, &notice)
}

fn leave_for_code(
    state: &State,
    order: &Order,
    around: &Around,
    number: i64,
    started: Value,
) -> HttpResponse {
    let url = super::three_d_secure::url(state, order, number);
    let leaving = json!({ "event": "onOutOfViewRedirect", "redirectUrl": url });
    let notice = Notice {
        title: "Your bank wants to confirm it",
        text: "You are sent to your bank's page, and come back here afterwards.",
        onward: Some(&url),
    };
    embed(
        state,
        order,
        around,
        &[started, leaving],
        "Confirm",
        &notice,
    )
}

fn embed(
    state: &State,
    order: &Order,
    around: &Around,
    events: &[Value],
    title: &str,
    content: &impl askama::Template,
) -> HttpResponse {
    let events = Value::Array(events.to_vec()).to_string();
    let frame = Frame {
        parent: &around.parent,
        events: &events,
        waits: around.wait,
    };
    page::show(
        state,
        StatusCode::OK,
        title,
        content,
        Some((frame, &origins(order))),
    )
}
