//! Asks how a payment stands: about a payment, a charge, or an agreement together with its initial
//! charge. Nothing but GETs, so whatever goes wrong, nothing happened.
//!
//! The event log of an ePayment is read where the payment itself does not say how much was taken.

use mcpay_port::{Attempt, FailureKind, ProviderError, Snapshot};

use crate::client::Client;
use crate::map;
use crate::map::reference::{ChargeName, Target};
use crate::provider::locate::locate;
use crate::provider::read::{read_agreement, read_charge, read_log, read_payment};
use crate::wire::answer::Charge;

pub async fn inquire(client: &Client<'_>, attempt: &Attempt) -> Result<Snapshot, ProviderError> {
    let seen = match locate(client, attempt).await? {
        Target::Payment(reference) => {
            let mut payment = read_payment(client, reference).await?;
            if map::payment::lacks_aggregate(&payment) {
                let events = read_log(client, reference).await?;
                payment.aggregate = map::history::aggregate(&events, &payment.amount.currency);
            }
            map::payment::snapshot(reference, &payment)
        }
        Target::Charge(name) => {
            let charge = read_charge(client, &name).await?;
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

/// An agreement that nobody approved may have none.
async fn find_initial_charge(
    client: &Client<'_>,
    attempt: &Attempt,
    agreement: &str,
) -> Result<Option<Charge>, ProviderError> {
    let name = ChargeName::initial(agreement, attempt.reference);
    match read_charge(client, &name).await {
        Ok(charge) => Ok(Some(charge)),
        Err(error) if error.failure().kind == FailureKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
