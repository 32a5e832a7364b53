//! The landing page and the app behind it: the payer says where the app is, consents where a scope
//! was asked for, and approves, rejects, or does nothing. Plain forms, no script.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Query, ServiceConfig};
use mcpay_sandbox::page::{go, style};
use serde::Deserialize;

use super::page::{self, Card};
use super::person::is_phone;
use super::state::{State, Target, locked};
use super::visit::Visit;

#[derive(Deserialize)]
struct Asked {
    token: String,
}

/// What a form says.
#[derive(Deserialize)]
struct Said {
    answer: String,
    phone: Option<String>,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/landing", web::get().to(show))
        .route("/landing", web::post().to(answer))
        .route("/landing/style.css", style());
}

async fn show(state: Data<State>, asked: Query<Asked>) -> HttpResponse {
    match state.books(|books| books.find_landing(&asked.token)) {
        Some(target) => page(&state, &target, None),
        None => page::unknown(&state),
    }
}

fn page(state: &State, target: &Target, error: Option<&'static str>) -> HttpResponse {
    match target {
        Target::Payment(shared) => {
            let mut payment = locked(shared);
            payment.settle(state);
            page::show(state, &Card::of_payment(&payment), error)
        }
        Target::Agreement(shared) => {
            let mut agreement = locked(shared);
            agreement.settle(state);
            page::show(state, &Card::of_agreement(&agreement), error)
        }
    }
}

/// What the payer decided, once it is more than a step on the way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    Approve,
    Reject,
}

async fn answer(state: Data<State>, asked: Query<Asked>, said: Form<Said>) -> HttpResponse {
    let Some(target) = state.books(|books| books.find_landing(&asked.token)) else {
        return page::unknown(&state);
    };
    let state = state.into_inner();
    match step(&state, &target, &said) {
        Err(error) => page(&state, &target, Some(error)),
        Ok(Some(url)) => go(&url),
        // The page is read anew, so that a reload sends nothing twice.
        Ok(None) => go(&format!(
            "{}/landing?token={}",
            state.base_path, asked.token
        )),
    }
}

/// Takes the payer's answer in. What comes back is where they go, when it is over.
fn step(state: &Arc<State>, target: &Target, said: &Said) -> Result<Option<String>, &'static str> {
    match target {
        Target::Payment(shared) => {
            let mut payment = locked(shared);
            payment.settle(state);
            if payment.is_open() {
                match decide(&mut payment.visit, said)? {
                    None => {}
                    Some(Decision::Approve) => {
                        let _ = payment.approve(state);
                    }
                    Some(Decision::Reject) => payment.abort(state),
                }
            }
            Ok(back(&payment.visit, payment.is_open()))
        }
        Target::Agreement(shared) => {
            let mut agreement = locked(shared);
            agreement.settle(state);
            if agreement.is_open() {
                match decide(&mut agreement.visit, said)? {
                    None => {}
                    Some(Decision::Approve) => {
                        let _ = agreement.approve(state);
                    }
                    Some(Decision::Reject) => agreement.reject(state),
                }
            }
            Ok(back(&agreement.visit, agreement.is_open()))
        }
    }
}

fn decide(visit: &mut Visit, said: &Said) -> Result<Option<Decision>, &'static str> {
    match said.answer.as_str() {
        "phone" => {
            let phone = said.phone.as_deref().unwrap_or_default();
            let digits: String = phone
                .chars()
                .filter(|c| !c.is_whitespace() && *c != '+')
                .collect();
            if !is_phone(&digits) {
                return Err("Write the phone number with its country code, like 47 12 34 56 78.");
            }
            visit.phone = Some(digits);
            visit.is_known = true;
            Ok(None)
        }
        "consent" => {
            visit.has_consented = true;
            Ok(None)
        }
        "approve" if visit.is_known && !visit.lacks_consent() => Ok(Some(Decision::Approve)),
        "reject" => Ok(Some(Decision::Reject)),
        _ => Ok(None),
    }
}

fn back(visit: &Visit, is_open: bool) -> Option<String> {
    visit
        .return_url
        .as_ref()
        .filter(|_| !is_open)
        .map(ToString::to_string)
}

/// The status of a page for a link that leads nowhere.
pub(crate) const GONE: StatusCode = StatusCode::NOT_FOUND;
