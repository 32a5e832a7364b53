//! Releases what is reserved and not charged. There is no idempotency key, so the payment is
//! retrieved first: what it shows as cancelled is not cancelled again.

use mcpay_port::{Attempt, Operation, Progress, ProviderError};

use crate::client::Client;
use crate::link;
use crate::map::release::release;
use crate::provider::{provider_ref, retrieve};

pub async fn cancel(
    client: &Client<'_>,
    operation: Operation,
    attempt: &Attempt,
) -> Result<Progress, ProviderError> {
    let id = provider_ref(attempt)?;
    let payment = retrieve(client, id).await?.body;
    let currency = attempt.amount.currency();
    if let Some(body) = release(&payment, currency, operation.id.to_string())? {
        let url = link::own(client.settings, &["payments", id.as_str(), "cancels"]);
        client.post_silently(url, &body).await?;
    }
    Ok(Progress::Done)
}
