//! The page where the payer pays in the hosted flow: no script, only a form. A failed attempt is
//! shown and can be tried again; the end sends the browser back to the shop. Its cancel link leaves
//! the payment open, as the provider's does.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use mcpay_sandbox::page::go;
use serde::Deserialize;
use url::Url;

use super::attempt::{self, Outcome};
use super::page::{self, Asked, CardForm, CardPage, Notice};
use super::payment::{Payment, Place};
use super::state::State;
use super::three_d_secure;

#[derive(Deserialize)]
struct Opened {
    #[serde(rename = "checkoutKey", default)]
    checkout_key: String,
    #[serde(default)]
    pid: String,
    language: Option<String>,
    card: Option<String>,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    for path in ["/hostedpaymentpage", "/hostedpaymentpage/"] {
        config
            .route(path, web::get().to(show))
            .route(path, web::post().to(pay));
    }
}

async fn show(state: Data<State>, request: HttpRequest, opened: Query<Opened>) -> HttpResponse {
    with_payment(&state, &opened, |payment| {
        attempt::approve_by_itself(&state, payment);
        page_of(&state, payment, &request, &opened, None)
    })
}

async fn pay(
    state: Data<State>,
    request: HttpRequest,
    opened: Query<Opened>,
    typed: Form<CardForm>,
) -> HttpResponse {
    with_payment(&state, &opened, |payment| {
        let used = match typed.read() {
            Ok(used) => used,
            Err(text) => return page_of(&state, payment, &request, &opened, Some(text)),
        };
        match attempt::start(&state, payment, used) {
            Ok(Outcome::Challenge(id)) => go(&three_d_secure::url(&state, payment, &id)),
            // GET again, so that a reload does not pay again.
            Ok(Outcome::Failed) => go(&page::own(&request)),
            Ok(Outcome::Paid) | Err(_) => page_of(&state, payment, &request, &opened, None),
        }
    })
}

fn with_payment(
    state: &State,
    opened: &Opened,
    work: impl FnOnce(&mut Payment) -> HttpResponse,
) -> HttpResponse {
    match page::find(state, &opened.checkout_key, &opened.pid) {
        Some(shared) => state.with(&shared, |payment| match payment.place {
            Place::Hosted { .. } => work(payment),
            Place::Embedded(_) | Place::None => page::unknown(state),
        }),
        None => page::unknown(state),
    }
}

/// The card form while the payment is open, else the way back to the shop.
fn page_of(
    state: &State,
    payment: &Payment,
    request: &HttpRequest,
    opened: &Opened,
    error: Option<&str>,
) -> HttpResponse {
    let Place::Hosted {
        return_url,
        cancel_url,
    } = &payment.place
    else {
        return page::unknown(state);
    };
    if payment.paid.is_some() {
        return go(&way_back(return_url, &payment.id));
    }
    let cancel = cancel_url.as_ref().map(Url::as_str);
    if !payment.is_open(state.stage.clock.now()) {
        let notice = Notice {
            title: "This payment is closed",
            text: "Go back to the shop to start a new one.",
            onward: cancel.or(Some(return_url.as_str())),
        };
        return page::show(state, StatusCode::OK, "Payment closed", &notice);
    }
    let own = page::own(request);
    let asked = Asked {
        own: &own,
        card: opened.card.as_deref(),
        language: opened.language.as_deref(),
        error,
        cancel,
    };
    page::show(
        state,
        StatusCode::OK,
        "Pay",
        &CardPage::new(payment, &asked),
    )
}

/// The provider adds the id in lower case, to any query there is.
pub(crate) fn way_back(return_url: &Url, id: &str) -> String {
    let mut url = return_url.clone();
    url.query_pairs_mut().append_pair("paymentid", id);
    url.into()
}
