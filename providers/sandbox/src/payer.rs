//! `POST _payer/{mcPayRef}`: acts for the payer, without a browser.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde::Deserialize;

use crate::refusal::Refusal;
use crate::stage::Simulator;

/// What the payer does.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum PayerAction {
    Approve,
    /// Pays, and is declined.
    Decline,
    /// Gives up.
    Cancel,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    action: PayerAction,
}

pub(crate) async fn act<S: Simulator>(
    state: Data<S>,
    reference: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let wish: Wish = serde_json::from_slice(&body).map_err(|error| {
        let text = format!("Send {{\"action\":\"approve|decline|cancel\"}}: {error}.");
        Refusal::unreadable("Body", text)
    })?;
    let now = state.act(&reference, wish.action)?;
    Ok(HttpResponse::Ok().json(now))
}
