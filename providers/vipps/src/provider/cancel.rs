//! Releases everything that is authorised and not captured.

use mcpay_port::{Attempt, Operation, Progress, ProviderError};

use crate::client::{Call, Client};
use crate::provider::locate::{Holder, locate_money};
use crate::provider::progress;
use crate::wire::answer::Modified;

pub async fn cancel(
    client: &Client<'_>,
    operation: Operation,
    attempt: &Attempt,
) -> Result<Progress, ProviderError> {
    match locate_money(client, attempt).await? {
        Holder::Payment(reference) => {
            let call = Call::post(format!("/epayment/v1/payments/{reference}/cancel"));
            let answered = client.send(&call.keyed(operation)).await?;
            answered.json::<Modified>().map(|_| Progress::Done)
        }
        Holder::Charge(name) => {
            let call = Call::delete(name.path());
            Ok(progress(&client.send(&call.keyed(operation)).await?))
        }
    }
}
