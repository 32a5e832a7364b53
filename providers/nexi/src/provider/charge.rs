//! Charges an agreement without the payer. The operation is the idempotency key, and when the
//! answer is lost Nexi is asked what became of it.

use chrono::TimeDelta;
use mcpay_port::{
    AgreementRef, ChargeOrder, Charged, FailureKind, Operation, ProviderError, ProviderRef,
};

use crate::client::Client;
use crate::map;
use crate::map::agreement::charges_url;
use crate::map::charge::key;
use crate::problem::find_decline;
use crate::wire::answer::AgreementCharged;

/// For how long Nexi remembers a key is not documented. What is older is looked for before it is sent,
/// so that no money is taken twice.
const KEY_IS_FRESH: TimeDelta = TimeDelta::hours(1);

pub async fn charge(
    client: &Client<'_>,
    operation: Operation,
    agreement: &AgreementRef,
    order: &ChargeOrder,
) -> Result<Charged, ProviderError> {
    if operation.is_older_than(KEY_IS_FRESH) {
        match find_payment(client, operation, agreement).await {
            Ok(payment) => return Ok(Charged::Started(payment)),
            Err(error) if error.failure().kind == FailureKind::NotFound => {}
            Err(error) => return Err(ProviderError::MayHaveHappened(error.failure().clone())),
        }
    }
    let body = map::charge::charge(client.settings, order)?;
    let url = charges_url(client.settings, agreement, &[])?;
    let answered = client
        .post_with_key::<_, AgreementCharged>(url, &key(operation), &body)
        .await;
    let payment = answered.and_then(|answered| {
        map::charge::find_payment(&answered.body).map_err(ProviderError::MayHaveHappened)
    });
    let error = match payment {
        Ok(payment) => return Ok(Charged::Started(payment)),
        Err(error) => error,
    };
    if let Some(code) = find_decline(&error) {
        // An agreement does not end at Nexi (CONTRACT 8.4); what a decline says is about the card.
        return Ok(Charged::Declined {
            code,
            agreement_is_over: false,
        });
    }
    if error.may_have_happened()
        && let Ok(payment) = find_payment(client, operation, agreement).await
    {
        return Ok(Charged::Started(payment));
    }
    Err(error)
}

/// The payment that a charge made, by the charge's idempotency key. Unknown says nothing while the
/// charge may still be under way.
pub async fn find_payment(
    client: &Client<'_>,
    operation: Operation,
    agreement: &AgreementRef,
) -> Result<ProviderRef, ProviderError> {
    let url = charges_url(client.settings, agreement, &["status"])?;
    let answered = client
        .get_by_key::<AgreementCharged>(url, &key(operation))
        .await?;
    map::charge::find_payment(&answered.body).map_err(ProviderError::DidNotHappen)
}
