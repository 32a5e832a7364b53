//! Charges an agreement without the payer. Repeated once when the answer is lost: the key, and the
//! charge's id, which is the operation's, make that harmless.

use mcpay_port::{AgreementRef, ChargeOrder, Charged, FailureKind, Operation, ProviderError};

use crate::client::limits::Kind;
use crate::client::{Call, Client};
use crate::map;
use crate::map::reference::{ChargeName, Target};
use crate::problem::{in_doubt, is_no, unsupported};
use crate::provider::read::read_charge;
use crate::provider::stop::{agreement_id, is_over};
use crate::wire::answer::CreatedCharge;

/// The provider's names for a charge that it will never take, whatever else is tried. The second is
/// also said when the agreement is over.
const TOO_HIGH: &str = "charge-amount-too-high";
const NOT_CREATED: &str = "charge-creation-failed";

pub async fn charge(
    client: &Client<'_>,
    operation: Operation,
    agreement: &AgreementRef,
    order: &ChargeOrder,
) -> Result<Charged, ProviderError> {
    if !order.amount.is_positive() {
        return Err(unsupported("the amount is out of range"));
    }
    let id = agreement_id(agreement)?;
    let body = map::charge::create(client.settings, operation, order)?;
    let call = Call::post(format!("/recurring/v3/agreements/{id}/charges")).json(&body)?;
    let call = call.limited(Kind::CreateCharge, format!("{id}/{}", operation.id));
    let answered = match client.send(&call.keyed(operation).repeated()).await {
        Ok(answered) => answered,
        Err(error) => return refused(client, id, operation, error).await,
    };
    let charge_id = answered.json::<CreatedCharge>()?.charge_id;
    // An inquiry knows only the id that we gave.
    if charge_id != operation.id.to_string() {
        return Err(answered.bad("the charge has another id than we gave it"));
    }
    Target::find_charge(id, &charge_id)
        .map(|target| Charged::Started(target.to_ref()))
        .ok_or_else(|| answered.bad("the charge's id is malformed"))
}

/// A refusal is final when the provider's code says so, or when the agreement is over. But it may be
/// of the repetition of a charge that was made: that one has the operation's id.
async fn refused(
    client: &Client<'_>,
    agreement: &str,
    operation: Operation,
    error: ProviderError,
) -> Result<Charged, ProviderError> {
    let failure = error.failure();
    if failure.kind != FailureKind::Refused {
        return Err(error);
    }
    let name = ChargeName {
        agreement: agreement.to_owned(),
        charge: operation.id.to_string(),
    };
    match read_charge(client, &name).await {
        Ok(_) => return Ok(Charged::Started(Target::Charge(name).to_ref())),
        Err(unread) if !is_no(&unread) => return Err(in_doubt(error)),
        Err(_) if error.may_have_happened() => return Err(error),
        Err(_) => {}
    }
    let code = failure.code.as_deref().unwrap_or_default();
    if code == TOO_HIGH {
        return Ok(declined(code, false));
    }
    // When the agreement does not tell, the refusal itself is what we know.
    let is_over = is_over(client, agreement).await.unwrap_or(false);
    match code {
        NOT_CREATED => Ok(declined(code, is_over)),
        _ if is_over => Ok(declined("agreement_over", true)),
        _ => Err(error),
    }
}

fn declined(code: &str, agreement_is_over: bool) -> Charged {
    Charged::Declined {
        code: code.to_owned(),
        agreement_is_over,
    }
}
