//! Terminates a payment that nobody has paid. Nexi refuses it once the checkout is completed, and
//! while the payer is paying; then it is to be asked how the payment stands.

use mcpay_port::{Attempt, Progress, ProviderError};

use crate::client::Client;
use crate::link;
use crate::provider::provider_ref;

pub async fn close(client: &Client<'_>, attempt: &Attempt) -> Result<Progress, ProviderError> {
    let id = provider_ref(attempt)?;
    let url = link::own(client.settings, &["payments", id.as_str(), "terminate"]);
    client.put_silently(url).await?;
    Ok(Progress::Done)
}
