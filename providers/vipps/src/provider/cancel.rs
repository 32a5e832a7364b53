//! Releases everything that is authorised and not captured.

use mcpay_port::{Attempt, Operation, Progress, ProviderError};

use crate::client::limits::Kind;
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
            let call = Call::post(format!("/epayment/v1/payments/{reference}/cancel"))
                .limited(Kind::CancelPayment, reference.to_string());
            let answered = client.send(&call.keyed(operation)).await?;
            answered.json::<Modified>().map(|_| Progress::Done)
        }
        Holder::Charge(name) => {
            let call = Call::delete(name.path()).limited(Kind::CancelCharge, name.to_string());
            Ok(progress(&client.send(&call.keyed(operation)).await?))
        }
    }
}
