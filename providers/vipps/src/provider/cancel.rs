//! Releases everything that is authorised and not captured. A refusal may be of the repetition of what
//! was done (see `transact`), and the log names no key for it: so how the payment stands decides.

use mcpay_port::{Attempt, FailureKind, Money, Operation, Progress, ProviderError, Snapshot};

use crate::client::limits::Kind;
use crate::client::{Call, Client};
use crate::problem::{in_doubt, is_no};
use crate::provider::inquire::inquire;
use crate::provider::locate::{Holder, locate_money};
use crate::provider::progress;
use crate::wire::answer::Modified;

pub async fn cancel(
    client: &Client<'_>,
    operation: Operation,
    attempt: &Attempt,
) -> Result<Progress, ProviderError> {
    match send(client, operation, attempt).await {
        Err(refusal) if refusal.failure().kind == FailureKind::Refused => {
            match inquire(client, attempt).await {
                Ok(seen) if is_released(&seen) => Ok(Progress::Done),
                Err(unread) if !is_no(&unread) => Err(in_doubt(refusal)),
                Ok(_) | Err(_) => Err(refusal),
            }
        }
        told => told,
    }
}

async fn send(
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

/// Whether something was released, and nothing is left.
fn is_released(seen: &Snapshot) -> bool {
    let [authorized, captured, cancelled] =
        [seen.authorized, seen.captured, seen.cancelled].map(Money::minor);
    cancelled > 0 && captured.checked_add(cancelled) == Some(authorized)
}
