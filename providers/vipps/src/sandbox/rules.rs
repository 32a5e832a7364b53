//! `GET|PUT _rules`: what of this provider's ways can be switched, beside the controls that every
//! sandbox has.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, ServiceConfig};
use chrono::TimeDelta;
use mcpay_sandbox::Refusal;
use serde::{Deserialize, Serialize};

use super::state::{State, locked};

/// The rules; what a PUT leaves out stays as it is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Rules {
    /// Whether too many calls in a minute are refused.
    pub(crate) rate_limits: bool,
    /// Whether Recurring answers changes of charges 202 and carries them out later.
    pub(crate) accepts_only: bool,
    /// How long after the approval `sub` is told, on the sandbox's clock. The payer who approves by
    /// itself (`autoApprove`) is known at once.
    sub_delay_seconds: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            rate_limits: true,
            accepts_only: false,
            sub_delay_seconds: 2,
        }
    }
}

impl Rules {
    pub(crate) fn sub_delay(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.sub_delay_seconds))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    rate_limits: Option<bool>,
    accepts_only: Option<bool>,
    sub_delay_seconds: Option<u32>,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/_rules", actix_web::web::get().to(show))
        .route("/_rules", actix_web::web::put().to(change));
}

async fn show(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(locked(&state.rules).clone())
}

async fn change(state: Data<State>, body: Bytes) -> Result<HttpResponse, Refusal> {
    let change: Change = serde_json::from_slice(&body).map_err(|error| {
        Refusal::unreadable("Body", format!("The rules cannot be read: {error}."))
    })?;
    let mut rules = locked(&state.rules);
    rules.rate_limits = change.rate_limits.unwrap_or(rules.rate_limits);
    rules.accepts_only = change.accepts_only.unwrap_or(rules.accepts_only);
    rules.sub_delay_seconds = change.sub_delay_seconds.unwrap_or(rules.sub_delay_seconds);
    Ok(HttpResponse::Ok().json(rules.clone()))
}
