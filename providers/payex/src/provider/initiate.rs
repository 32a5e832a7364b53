//! Creates a payment order. Sent once: there is no key that would make a repetition harmless.

use mcpay_port::{Operation, PaymentOrder, ProviderError, Started};

use crate::client::Client;
use crate::link;
use crate::map::create::{check, create, reference};
use crate::map::language::language;
use crate::map::started::started;
use crate::wire::answer::Answer;
use crate::wire::request::PaymentOrderBody;

pub async fn initiate(
    client: &Client<'_>,
    operation: Operation,
    order: &PaymentOrder,
) -> Result<Started, ProviderError> {
    check(order)?;
    let reference = reference(client.settings, operation)?;
    let paymentorder = create(client.settings, order, &reference);
    let url = link::own(client.settings, "/psp/paymentorders", None);
    let answered = client
        .post::<_, Answer>(url, &PaymentOrderBody { paymentorder })
        .await?;
    started(
        client.settings,
        order.flow,
        language(&order.language),
        &answered.body,
    )
    // The order exists; it only cannot be paid.
    .map_err(ProviderError::MayHaveHappened)
}
