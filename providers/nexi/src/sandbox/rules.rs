//! `GET|PUT _rules`: what of this provider's ways can be switched, beside the controls that every
//! sandbox has.

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use mcpay_sandbox::Refusal;
use serde::{Deserialize, Serialize};

use super::state::{State, locked};

/// The rules; what a PUT leaves out stays as it is.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rules {
    /// Whether a payment may be retrieved 30 times in an hour only.
    pub(crate) retrieve_limit: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            retrieve_limit: true,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    retrieve_limit: Option<bool>,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/_rules", web::get().to(show))
        .route("/_rules", web::put().to(change));
}

async fn show(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(*locked(&state.rules))
}

async fn change(state: Data<State>, body: Bytes) -> Result<HttpResponse, Refusal> {
    let change: Change = serde_json::from_slice(&body).map_err(|error| {
        Refusal::unreadable("Body", format!("The rules cannot be read: {error}."))
    })?;
    let mut rules = locked(&state.rules);
    rules.retrieve_limit = change.retrieve_limit.unwrap_or(rules.retrieve_limit);
    Ok(HttpResponse::Ok().json(*rules))
}
