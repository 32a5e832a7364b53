//! The stand-in for the bank's 3-D Secure page: approve or cancel. It is a page of its own in both
//! flows; from a seamless view the payer goes back to the page that embeds it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, ServiceConfig};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::attempt::{self, Outcome};
use super::checkout;
use super::order::{Integration, Order};
use super::page::{self, CodePage};
use super::state::{State, locked};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Approve,
    Cancel,
}

#[derive(Deserialize)]
struct CodeForm {
    answer: Answer,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route(
            "/checkout/{token:[0-9a-f]{64}}/3ds/{number}",
            web::get().to(show),
        )
        .route(
            "/checkout/{token:[0-9a-f]{64}}/3ds/{number}",
            web::post().to(answer),
        );
}

/// The page of one attempt's code.
pub(crate) fn url(state: &State, order: &Order, number: i64) -> String {
    format!("{}/checkout/{}/3ds/{number}", state.base, order.view_token)
}

async fn show(state: Data<State>, path: Path<(String, i64)>) -> HttpResponse {
    let (token, number) = path.into_inner();
    let Some(shared) = state.find_by_view_token(&token) else {
        return checkout::unknown(&state);
    };
    let order = locked(&shared);
    let Some(challenge) = order
        .challenge
        .as_ref()
        .filter(|asked| asked.number == number)
    else {
        return back(&state, &order);
    };
    let content = CodePage {
        payee: order.payee_name.as_deref().unwrap_or("The shop"),
        amount: page::amount(&order),
        card: challenge.card.masked(),
        action: format!("{}/checkout/{token}/3ds/{number}", state.base_path),
    };
    page::show(
        &state,
        StatusCode::OK,
        "Confirm your payment",
        &content,
        None,
    )
}

async fn answer(
    state: Data<State>,
    path: Path<(String, i64)>,
    form: Form<CodeForm>,
) -> HttpResponse {
    let (token, number) = path.into_inner();
    let Some(shared) = state.find_by_view_token(&token) else {
        return checkout::unknown(&state);
    };
    let mut order = locked(&shared);
    // A code that nobody waits for any more (a second click, an aborted order) changes nothing;
    // the page that follows shows how things are.
    match form.answer {
        Answer::Approve => {
            let _: Option<Outcome> = attempt::approve_challenge(&state, &mut order, number).ok();
        }
        Answer::Cancel => {
            let _: Option<()> = attempt::cancel_challenge(&state, &mut order, number).ok();
        }
    }
    back(&state, &order)
}

/// The page that hosts the seamless view, else the page of the redirect flow, which knows where to
/// go from there.
fn back(state: &State, order: &Order) -> HttpResponse {
    match (&order.urls.payment, order.integration) {
        (Some(url), Integration::HostedView) => page::go(url.as_str()),
        _ => page::go(&checkout::own_url(state, order)),
    }
}
