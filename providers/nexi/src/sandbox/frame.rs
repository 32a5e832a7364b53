//! `checkout.js` and the card form inside the frame that it draws. The form tells the page around it
//! what happens, by messages to that page's exact origin, which must be that of `checkout.url`.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{Data, Form, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::attempt::{self, Outcome};
use super::page::{self, Asked, CardForm, CardPage, Frame, Notice};
use super::payment::{Payment, Place};
use super::state::State;
use super::three_d_secure;

const CHECKOUT_SCRIPT: &str = include_str!("checkout.js");
const FRAME_SCRIPT: &str = include_str!("frame.js");

#[derive(Deserialize)]
struct Opened {
    #[serde(rename = "checkoutKey", default)]
    checkout_key: String,
    #[serde(rename = "paymentId", default)]
    payment_id: String,
    /// The address of the page around the frame.
    #[serde(default)]
    parent: String,
    language: Option<String>,
    card: Option<String>,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/v1/checkout.js", web::get().to(checkout_script))
        .route("/checkout/frame", web::get().to(show))
        .route("/checkout/frame", web::post().to(pay));
}

async fn checkout_script(state: Data<State>) -> HttpResponse {
    let settings = json!({ "frameUrl": format!("{}/checkout/frame", state.base) });
    javascript(CHECKOUT_SCRIPT.replace("\"SETTINGS\"", &settings.to_string()))
}

pub(crate) async fn script() -> HttpResponse {
    javascript(FRAME_SCRIPT.to_owned())
}

fn javascript(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"))
        .body(text)
}

async fn show(state: Data<State>, request: HttpRequest, opened: Query<Opened>) -> HttpResponse {
    with_payment(&state, &opened, |payment, origin| {
        attempt::approve_by_itself(&state, payment);
        page_of(&state, payment, origin, &request, &opened, None)
    })
}

async fn pay(
    state: Data<State>,
    request: HttpRequest,
    opened: Query<Opened>,
    typed: Form<CardForm>,
) -> HttpResponse {
    with_payment(&state, &opened, |payment, origin| {
        let error = match typed.read() {
            Ok(used) => match attempt::start(&state, payment, used) {
                Ok(Outcome::Challenge(id)) => return leave(&state, payment, origin, &id),
                Ok(Outcome::Paid | Outcome::Failed) | Err(_) => None,
            },
            Err(text) => Some(text),
        };
        page_of(&state, payment, origin, &request, &opened, error)
    })
}

/// Finds the payment, and refuses a page around that is not its `checkout.url`. A page that lies
/// is stopped by the browser, which is told who may embed the frame.
fn with_payment(
    state: &State,
    opened: &Opened,
    work: impl FnOnce(&mut Payment, &str) -> HttpResponse,
) -> HttpResponse {
    let Some(shared) = page::find(state, &opened.checkout_key, &opened.payment_id) else {
        return page::unknown(state);
    };
    state.with(&shared, |payment| {
        let Place::Embedded(page) = &payment.place else {
            return page::unknown(state);
        };
        let origin = page.origin().ascii_serialization();
        if is_page(page, &opened.parent) {
            return work(payment, &origin);
        }
        let notice = Notice {
            title: "This page may not show the payment",
            text: "It is not the page that the payment names as its checkout.url.",
            onward: None,
        };
        page::show(state, StatusCode::FORBIDDEN, "Not allowed", &notice)
    })
}

/// Origin and path; a page may have any query.
fn is_page(page: &Url, told: &str) -> bool {
    Url::parse(told).is_ok_and(|told| told.origin() == page.origin() && told.path() == page.path())
}

/// The card form while the payment is open, else its end.
fn page_of(
    state: &State,
    payment: &Payment,
    origin: &str,
    request: &HttpRequest,
    opened: &Opened,
    error: Option<&str>,
) -> HttpResponse {
    if payment.is_open(state.stage.clock.now()) {
        let own = page::own(request);
        let asked = Asked {
            own: &own,
            card: opened.card.as_deref(),
            language: opened.language.as_deref(),
            error,
            cancel: None,
        };
        let content = CardPage::new(payment, &asked);
        return embed(state, origin, &json!([]), "Pay", &content);
    }
    let (tells, title, text) = if payment.paid.is_some() {
        // The provider's event may come more than once, so here it always does.
        let completed = json!({ "event": "payment-completed", "paymentId": payment.id });
        let tells = json!([completed, completed]);
        (tells, "Thank you", "The payment is done.")
    } else {
        let text = "Reload the page of the shop to start a new one.";
        (json!([]), "This payment is closed", text)
    };
    let notice = Notice {
        title,
        text,
        onward: None,
    };
    embed(state, origin, &tells, title, &notice)
}

/// 3-D Secure is no page for a frame, so the page around goes there.
fn leave(state: &State, payment: &Payment, origin: &str, challenge: &str) -> HttpResponse {
    let url = three_d_secure::url(state, payment, challenge);
    let tells = json!([{ "event": "redirect", "url": url }]);
    let notice = Notice {
        title: "Your bank wants to confirm it",
        text: "You are sent to your bank's page, and come back here afterwards.",
        onward: None,
    };
    embed(state, origin, &tells, "Confirm", &notice)
}

fn embed(
    state: &State,
    origin: &str,
    tells: &Value,
    title: &str,
    content: &impl askama::Template,
) -> HttpResponse {
    let tells = tells.to_string();
    let frame = Frame {
        parent: origin,
        tells: &tells,
    };
    page::embed(state, StatusCode::OK, title, content, (origin, frame))
}
