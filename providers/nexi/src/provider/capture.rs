//! Charges a reserved payment. The operation is the idempotency key, so a repetition gets the
//! first answer again and no retrieve is needed.

use mcpay_port::{Attempt, Money, Operation, Progress, ProviderError};

use crate::client::Client;
use crate::link;
use crate::map::charge::key;
use crate::map::item::Amount;
use crate::problem::unsupported;
use crate::provider::provider_ref;
use crate::wire::answer::Moved;
use crate::wire::request::Part;

pub async fn capture(
    client: &Client<'_>,
    operation: Operation,
    attempt: &Attempt,
    amount: Money,
    vat: Money,
) -> Result<Progress, ProviderError> {
    let id = provider_ref(attempt)?;
    let body = body(operation, attempt, amount, vat)?;
    let url = link::own(client.settings, &["payments", id.as_str(), "charges"]);
    client
        .post_with_key::<_, Moved>(url, &key(operation), &body)
        .await?;
    Ok(Progress::Done)
}

/// Everything that was ordered is charged without a line, a part of it with one.
fn body(
    operation: Operation,
    attempt: &Attempt,
    amount: Money,
    vat: Money,
) -> Result<Part, ProviderError> {
    let whole = Amount::of(amount, vat)?;
    if !whole.is_positive() {
        return Err(unsupported("a charge needs an amount"));
    }
    let is_part = amount != attempt.amount;
    let line = || whole.item(operation.id.to_string(), "Payment".to_owned());
    Ok(Part {
        amount: whole.gross(),
        order_items: is_part.then(|| [line()]),
    })
}
