//! Retrieves a payment. A GET, so whatever goes wrong, nothing happened.

use mcpay_port::{Attempt, ProviderError, Snapshot};

use crate::client::Client;
use crate::map::snapshot::snapshot;
use crate::provider::{charge, provider_ref, retrieve};

/// A charge whose answer was lost is first asked for by its idempotency key; that is no retrieve.
pub async fn inquire(client: &Client<'_>, attempt: &Attempt) -> Result<Snapshot, ProviderError> {
    let id = match (&attempt.provider_ref, &attempt.charge) {
        (None, Some(lost)) => charge::find_payment(client, lost.operation, &lost.agreement).await?,
        _ => provider_ref(attempt)?.clone(),
    };
    let answered = retrieve(client, &id).await?;
    snapshot(attempt, &id, &answered.body, answered.date).map_err(ProviderError::DidNotHappen)
}
