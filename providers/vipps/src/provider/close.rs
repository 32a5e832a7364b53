//! Closes what the payer has not approved, and never what he has: an ePayment by the cancellation
//! that spares an authorised one, a draft by stopping it while it is pending, a charge by deleting
//! it before it is processed.

use mcpay_port::{Attempt, Operation, Progress, ProviderError};

use crate::client::limits::Kind;
use crate::client::{Call, Client};
use crate::map::agreement::{ACTIVE, PENDING};
use crate::map::payment::{CLOSE, TERMINATED};
use crate::map::reference::Target;
use crate::problem::refused;
use crate::provider::locate::locate;
use crate::provider::progress;
use crate::provider::read::read_agreement;
use crate::provider::stop::stop_agreement;
use crate::wire::answer::Modified;

pub async fn close(
    client: &Client<'_>,
    operation: Operation,
    attempt: &Attempt,
) -> Result<Progress, ProviderError> {
    match locate(client, attempt).await? {
        Target::Payment(reference) => {
            let path = format!("/epayment/v1/payments/{reference}/cancel");
            let call = Call::post(path).json(&CLOSE)?.keyed(operation);
            let call = call.limited(Kind::CancelPayment, reference.to_string());
            let modified: Modified = client.send(&call).await?.json()?;
            if modified.state == TERMINATED {
                Ok(Progress::Done)
            } else {
                Err(refused(
                    "not_terminated",
                    "the payer was faster, or the payment is over",
                ))
            }
        }
        Target::Agreement(id) => close_draft(client, operation, &id).await,
        Target::Charge(name) => {
            let call = Call::delete(name.path()).limited(Kind::CancelCharge, name.to_string());
            Ok(progress(&client.send(&call.keyed(operation)).await?))
        }
    }
}

/// The provider has no way to stop a draft only: between the look and the stop the payer may still
/// approve. Then the inquiry that follows a close shows what was taken.
async fn close_draft(
    client: &Client<'_>,
    operation: Operation,
    id: &str,
) -> Result<Progress, ProviderError> {
    match read_agreement(client, id).await?.status.as_str() {
        PENDING => stop_agreement(client, operation, id).await,
        ACTIVE => Err(refused(
            "agreement_is_active",
            "the payer has approved the agreement",
        )),
        _ => Ok(Progress::Done),
    }
}
