//! `POST /accesstoken/get`: credentials in headers, no body, numbers as text.

use actix_web::http::header::HeaderMap;
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{SecondsFormat, TimeDelta};
use serde_json::json;
use uuid::Uuid;

use super::access::{self, UNIT_HEADER, find, same};
use super::api::{Answer, Reply, respond};
use super::problem::Problem;
use super::state::{State, TOKEN_SECONDS, locked};

pub(crate) fn configure(config: &mut ServiceConfig) {
    // The provider's own samples write the path in two ways.
    config.route("/{path:(?i)accesstoken}/get", web::post().to(get));
}

async fn get(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let fail = || {
        respond(
            Err(oauth(500, "server_error", "Not carried out (failRate).")),
            "",
        )
    };
    let work = || respond(give(&state, request.headers(), &body), "");
    state.stage.pass(None, fail, work).await
}

fn give(state: &State, headers: &HeaderMap, body: &Bytes) -> Answer {
    access::check_key(state, headers)?;
    if !body.is_empty() {
        return Err(oauth(400, "invalid_request", "The body must be empty"));
    }
    let text = |name| find(headers, name).filter(|value| !value.is_empty());
    let (Some(id), Some(secret)) = (text("client_id"), text("client_secret")) else {
        let what = "The headers client_id and client_secret are required";
        return Err(oauth(400, "invalid_request", what));
    };
    let account = state
        .accounts
        .iter()
        .find(|account| same(&account.client_id, id));
    let key = find(headers, access::KEY_HEADER).unwrap_or_default();
    let account = account
        .filter(|account| same(&account.subscription_key, key))
        .ok_or_else(|| oauth(401, "unauthorized_client", "Application was not found"))?;
    if locked(&state.rules).refuses_access || !same(&account.client_secret, secret) {
        let what = "Invalid client secret provided";
        return Err(oauth(401, "unauthorized_client", what));
    }
    if find(headers, UNIT_HEADER).is_some_and(|unit| unit != account.merchant_serial_number) {
        let what = "The Merchant-Serial-Number is not this client's";
        return Err(oauth(401, "unauthorized_client", what));
    }
    let now = state.now();
    let expires_on = now + TimeDelta::seconds(TOKEN_SECONDS);
    Ok(Reply::json(
        200,
        json!({
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS.to_string(),
            "ext_expires_in": TOKEN_SECONDS.to_string(),
            "expires_on": expires_on.timestamp().to_string(),
            "not_before": now.timestamp().to_string(),
            "resource": "00000002-0000-0000-c000-000000000000",
            "access_token": state.give_token(account, now),
        }),
    ))
}

/// The token endpoint speaks OAuth instead of problem JSON.
fn oauth(status: u16, error: &str, description: &str) -> Problem {
    let now = chrono::Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let body = json!({
        "error": error,
        "error_description": description,
        "error_codes": [7_000_215],
        "timestamp": now.replace('T', " "),
        "trace_id": Uuid::new_v4().to_string(),
        "correlation_id": Uuid::new_v4().to_string(),
        "error_uri": "",
    });
    Problem::new(status, body)
}
