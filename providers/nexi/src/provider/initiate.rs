//! Creates a payment. Sent once: there is no key that would make a repetition harmless.

use chrono::{DateTime, Utc};
use mcpay_port::{PaymentOrder, ProviderError, Started};

use crate::client::Client;
use crate::link;
use crate::map::create::create;
use crate::map::language::language;
use crate::map::started::started;
use crate::wire::answer::Created;

pub async fn initiate(
    client: &Client<'_>,
    order: &PaymentOrder,
    now: DateTime<Utc>,
) -> Result<Started, ProviderError> {
    let body = create(client.settings, order, now)?;
    let url = link::own(client.settings, &["payments"]);
    let answered = client.post::<_, Created>(url, &body).await?;
    started(
        client.settings,
        order.flow,
        language(&order.language),
        &answered.body,
    )
    // The payment exists; it only cannot be paid.
    .map_err(ProviderError::MayHaveHappened)
}
