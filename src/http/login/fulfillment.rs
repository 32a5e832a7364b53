//! `GET /login/fulfillment` and its way back: a browser pays for orders (CONTRACT 5, 8.6).
//!
//! Nobody is logged in here. Unknown orders, foreign origins and broken addresses get one identical
//! page, so that nothing can be probed.

use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, USER_AGENT};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use mcpay_port::PaymentRef;
use url::{Url, form_urlencoded};

use crate::http::app::App;
use crate::http::method::refuse_other_methods;
use crate::http::page::strand;
use crate::http::problem::{Code, Problem};
use crate::http::rate_limit;
use crate::orders::enter::{Entry, FulfilmentStatus, Way};
use crate::orders::order::OrderId;
use crate::orders::service::OrderTrouble;

const MOST_ORDERS: usize = 20;
const STATUS: &str = "fulfillmentStatus";

pub fn routes(config: &mut ServiceConfig) {
    config.service(come_back).service(enter);
    refuse_other_methods(
        config,
        &[("/fulfillment", "GET"), ("/fulfillment/back", "GET")],
    );
}

/// Sends the browser to the provider to pay for one order or several, or straight back.
#[get("/fulfillment")]
pub async fn enter(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    match way_in(&app, &request).await {
        Ok(Way::Pay(url)) => Ok(see_other(&url)),
        Ok(Way::Back { url, status }) => Ok(see_other(with_status(url, status).as_str())),
        Err(problem) => strand(&problem),
    }
}

async fn way_in(app: &App, request: &HttpRequest) -> Result<Way, Problem> {
    admit(app, request, None)?;
    let entry = entry_of(request).ok_or_else(nothing_here)?;
    let orders = app.orders.clone();
    app.run(async move { orders.enter(&entry).await })
        .await?
        .map_err(problem_of)
}

/// `None` for anything that could be no way in.
fn entry_of(request: &HttpRequest) -> Option<Entry> {
    let (mut orders, mut return_url) = (Vec::new(), None);
    for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "orderId" => {
                for id in value.split(',') {
                    orders.push(id.trim().parse::<OrderId>().ok()?);
                }
            }
            "returnUrl" => return_url = Some(value.into_owned()),
            _ => {}
        }
    }
    let user_agent = request.headers().get(USER_AGENT);
    (1..=MOST_ORDERS).contains(&orders.len()).then_some(Entry {
        orders,
        return_url: return_url?,
        user_agent: user_agent
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
    })
}

/// Where the browser comes when the provider is done with it. Nothing in the query is believed.
#[get("/fulfillment/back")]
pub async fn come_back(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    match way_back(&app, &request).await {
        Ok((url, status)) => Ok(see_other(with_status(url, status).as_str())),
        Err(problem) => strand(&problem),
    }
}

async fn way_back(app: &App, request: &HttpRequest) -> Result<(Url, FulfilmentStatus), Problem> {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let reference = pairs.find(|(name, _)| name == "mcPayRef");
    let reference: Option<PaymentRef> = reference.and_then(|(_, value)| value.parse().ok());
    admit(app, request, reference)?;
    let reference = reference.ok_or_else(nothing_here)?;
    let orders = app.orders.clone();
    app.run(async move { orders.come_back(reference).await })
        .await?
        .map_err(problem_of)
}

fn admit(app: &App, request: &HttpRequest, payment: Option<PaymentRef>) -> Result<(), Problem> {
    let address = app.trusted_proxies.client_of(request);
    rate_limit::note(request, app.limits.admit_address(address, payment)?);
    Ok(())
}

fn problem_of(trouble: OrderTrouble) -> Problem {
    match trouble {
        OrderTrouble::NotFound | OrderTrouble::Payment(crate::payments::Trouble::NotFound) => {
            nothing_here()
        }
        trouble => trouble.into(),
    }
}

fn nothing_here() -> Problem {
    Problem::detailed(
        Code::NotFound,
        "This address leads to no order that can be paid here.",
    )
}

/// Adds the status to whatever query and fragment the address has; an old one is replaced.
fn with_status(mut url: Url, status: FulfilmentStatus) -> Url {
    if url.query_pairs().any(|(name, _)| name == STATUS) {
        let others: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| name != STATUS)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    url.query_pairs_mut().append_pair(STATUS, status.as_str());
    url
}

fn see_other(url: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, url))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_added_to_any_query_and_fragment_and_replaces_an_old_one() {
        let url = Url::parse("https://shop.example/?a=1&fulfillmentStatus=old#part").unwrap();
        let told = with_status(url, FulfilmentStatus::Success);
        assert_eq!(
            told.as_str(),
            "https://shop.example/?a=1&fulfillmentStatus=success#part"
        );
    }
}
