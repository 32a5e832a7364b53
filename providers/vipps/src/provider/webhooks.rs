//! Registers, lists and removes the addresses at which the provider notifies us. None of these
//! calls takes an idempotency key, so none is repeated; a registration whose answer was lost is in
//! the list, without its secret, and is to be removed.

use mcpay_port::{FailureKind, ProviderError, RegisteredAddress, Registration};
use url::Url;

use crate::client::{Call, Client};
use crate::events::EVENTS;
use crate::link::is_name;
use crate::wire::answer::{RegisteredWebhook, Webhooks};
use crate::wire::request::RegisterWebhook;

const PATH: &str = "/webhooks/v1/webhooks";

pub async fn register(client: &Client<'_>, url: &Url) -> Result<Registration, ProviderError> {
    let body = RegisterWebhook {
        url: url.as_str(),
        events: EVENTS,
    };
    let answered = client
        .send(&Call::post(PATH.to_owned()).json(&body)?)
        .await?;
    let RegisteredWebhook { id, secret } = answered.json()?;
    if !is_name(&id) {
        return Err(answered.bad("the registration's id is malformed"));
    }
    Ok(Registration {
        id,
        url: url.clone(),
        secret,
    })
}

pub async fn list(client: &Client<'_>) -> Result<Vec<RegisteredAddress>, ProviderError> {
    let listed: Webhooks = client.send(&Call::get(PATH.to_owned())).await?.json()?;
    let addresses = listed.webhooks.into_iter();
    Ok(addresses
        .map(|it| RegisteredAddress {
            complete: it.hears_of(EVENTS),
            id: it.id,
            url: it.url,
        })
        .collect())
}

/// What the provider does not know is not registered.
pub async fn remove(client: &Client<'_>, id: &str) -> Result<(), ProviderError> {
    if !is_name(id) {
        return Ok(());
    }
    match client.send(&Call::delete(format!("{PATH}/{id}"))).await {
        Err(ProviderError::DidNotHappen(failure)) if failure.kind == FailureKind::NotFound => {
            Ok(())
        }
        told => told.map(drop),
    }
}
