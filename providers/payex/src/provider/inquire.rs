//! Reads a payment order. A GET, so whatever goes wrong, nothing happened.

use mcpay_port::{Attempt, ProviderError, Snapshot};

use crate::client::Client;
use crate::link;
use crate::map::snapshot::{EXPAND, snapshot};
use crate::provider::provider_ref;
use crate::wire::answer::Answer;

pub async fn inquire(client: &Client<'_>, attempt: &Attempt) -> Result<Snapshot, ProviderError> {
    let id = provider_ref(attempt)?;
    let url = link::own(client.settings, id.as_str(), Some(EXPAND));
    let answered = client.get::<Answer>(url).await?;
    snapshot(client.settings, attempt, id, &answered.body.order)
        .map_err(ProviderError::DidNotHappen)
}
