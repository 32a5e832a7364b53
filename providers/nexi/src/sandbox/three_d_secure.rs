//! The stand-in for the bank's 3-D Secure page: approve or fail. It is a page of its own in both
//! flows; an embedded payer comes back by the page that embeds the checkout.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use mcpay_sandbox::page::go;
use serde::Deserialize;

use super::payment::{Payment, Place};
use super::state::State;
use super::{attempt, hosted, page, render};

const PATH: &str = "/checkout/3ds/{payment:[0-9a-f]{32}}/{challenge:[0-9a-f]{32}}";

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Approve,
    Fail,
}

#[derive(Deserialize)]
struct BankForm {
    answer: Answer,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route(PATH, web::get().to(show))
        .route(PATH, web::post().to(answer));
}

/// The page of one challenge.
pub(crate) fn url(state: &State, payment: &Payment, challenge: &str) -> String {
    format!("{}/checkout/3ds/{}/{challenge}", state.base, payment.id)
}

async fn show(
    state: Data<State>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (id, challenge) = path.into_inner();
    let Some(shared) = state.find_payment(&id) else {
        return page::unknown(&state);
    };
    state.with(&shared, |payment| {
        let asked = payment.challenge.as_ref();
        let Some(asked) = asked.filter(|asked| asked.id == challenge) else {
            return back(&state, payment);
        };
        let content = page::BankPage {
            amount: page::amount(payment),
            card: asked.used.card.masked(),
            own: request.path(),
        };
        page::show(&state, StatusCode::OK, "Confirm your payment", &content)
    })
}

async fn answer(
    state: Data<State>,
    path: Path<(String, String)>,
    form: Form<BankForm>,
) -> HttpResponse {
    let (id, challenge) = path.into_inner();
    let Some(shared) = state.find_payment(&id) else {
        return page::unknown(&state);
    };
    state.with(&shared, |payment| {
        let approves = matches!(form.answer, Answer::Approve);
        // An answer that nobody waits for any more (a second click, a terminated payment) changes
        // nothing; the page that follows shows how things are.
        let _ = attempt::answer_challenge(&state, payment, &challenge, approves);
        back(&state, payment)
    })
}

/// The page of the shop: in the embedded flow its checkout, which may have a query already; in the
/// hosted flow its return page, or the provider's own page for another try.
fn back(state: &State, payment: &Payment) -> HttpResponse {
    match &payment.place {
        Place::Embedded(page) => {
            let mut url = page.clone();
            url.query_pairs_mut().append_pair("paymentId", &payment.id);
            if payment.paid.is_none() {
                url.query_pairs_mut().append_pair("paymentFailed", "true");
            }
            go(url.as_str())
        }
        Place::Hosted { return_url, .. } if payment.paid.is_some() => {
            go(&hosted::way_back(return_url, &payment.id))
        }
        Place::Hosted { .. } => go(&render::hosted_page(state, payment)),
        Place::None => page::unknown(state),
    }
}
