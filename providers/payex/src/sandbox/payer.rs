//! `POST _payer/{mcPayRef}`: acts for the payer, without a browser.

use actix_web::web::{Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::attempt;
use super::checkout::ABORTED_BY_PAYER;
use super::order::{Integration, Order, Status};
use super::problems::Problem;
use super::state::{State, locked};
use super::{abort, state::SharedOrder};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Approve,
    Decline,
    Cancel,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    action: Action,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.route("/_payer/{reference}", web::post().to(act));
}

async fn act(state: Data<State>, reference: Path<String>, body: Bytes) -> HttpResponse {
    let wish = match serde_json::from_slice::<Wish>(&body) {
        Ok(wish) => wish,
        Err(error) => {
            let text = format!("Send {{\"action\":\"approve|decline|cancel\"}}: {error}.");
            return refuse(&Problem::field("Body", text));
        }
    };
    let orders = state.orders_of(&reference);
    let Some(shared) = newest_open(&orders).or(orders.last()) else {
        return refuse(&Problem::not_found("A payment order with this reference"));
    };
    let mut order = locked(shared);
    // Somebody who never opened a page pays as if the one that the merchant prepared was open.
    if order.integration == Integration::None {
        let seamless = order.urls.payment.is_some();
        order.integration = if seamless {
            Integration::HostedView
        } else {
            Integration::Redirect
        };
    }
    let done = match wish.action {
        Action::Approve => attempt::approve(&state, &mut order).is_ok(),
        Action::Decline => attempt::decline(&state, &mut order).is_ok(),
        Action::Cancel => abort::abort(&mut order, ABORTED_BY_PAYER, "Payer").is_ok(),
    };
    if done {
        answer(&order)
    } else {
        refuse(&closed(&order))
    }
}

fn newest_open(orders: &[SharedOrder]) -> Option<&SharedOrder> {
    orders
        .iter()
        .rev()
        .find(|shared| locked(shared).status == Status::Initialized)
}

fn closed(order: &Order) -> Problem {
    let text = format!(
        "The payment order is {}, so the payer can do nothing.",
        order.status.name()
    );
    Problem {
        status: 409,
        ..Problem::forbidden("Payer", text)
    }
}

fn answer(order: &Order) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "id": order.path(),
        "status": order.status.name(),
        "failedAttempts": order.failed_attempts.len(),
    }))
}

fn refuse(problem: &Problem) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(problem.status)
        .unwrap_or(actix_web::http::StatusCode::BAD_REQUEST);
    HttpResponse::build(status)
        .content_type("application/problem+json")
        .body(problem.to_json().to_string())
}
