//! Reads a payment, a charge, or an agreement together with its initial charge. Nothing but GETs,
//! so whatever goes wrong, nothing happened.
//!
//! The event log of an ePayment is not read: its state and aggregate tell all that the log could.

use mcpay_port::{Attempt, FailureKind, ProviderError, Snapshot};

use crate::client::{Call, Client};
use crate::map;
use crate::map::reference::{ChargeName, Target};
use crate::provider::locate::locate;
use crate::wire::answer::{Agreement, Charge, Payment};

pub async fn inquire(client: &Client<'_>, attempt: &Attempt) -> Result<Snapshot, ProviderError> {
    let seen = match locate(client, attempt).await? {
        Target::Payment(reference) => {
            let call = Call::get(format!("/epayment/v1/payments/{reference}"));
            let payment: Payment = client.send(&call).await?.json()?;
            map::payment::snapshot(reference, &payment)
        }
        Target::Charge(name) => {
            let charge: Charge = client.send(&Call::get(name.path())).await?.json()?;
            map::charge::snapshot(&name, &charge)
        }
        Target::Agreement(id) => {
            let agreement = read_agreement(client, &id).await?;
            let charge = if map::agreement::needs_charge(attempt, &agreement) {
                find_initial_charge(client, attempt, &id).await?
            } else {
                None
            };
            map::agreement::snapshot(attempt, &id, &agreement, charge.as_ref())
        }
    };
    seen.map_err(ProviderError::DidNotHappen)
}

pub async fn read_agreement(client: &Client<'_>, id: &str) -> Result<Agreement, ProviderError> {
    let call = Call::get(format!("/recurring/v3/agreements/{id}"));
    client.send(&call).await?.json()
}

/// An agreement that nobody approved may have none.
async fn find_initial_charge(
    client: &Client<'_>,
    attempt: &Attempt,
    agreement: &str,
) -> Result<Option<Charge>, ProviderError> {
    let name = ChargeName::initial(agreement, attempt.reference);
    match client.send(&Call::get(name.path())).await {
        Ok(answered) => answered.json().map(Some),
        Err(error) if error.failure().kind == FailureKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
