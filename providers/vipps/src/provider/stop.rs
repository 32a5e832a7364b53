//! Ends the permission to charge. An agreement that is stopped already is stopped well enough.

use mcpay_port::{AgreementRef, Failure, FailureKind, Operation, Progress, ProviderError};
use secrecy::ExposeSecret;

use crate::client::limits::Kind;
use crate::client::{Call, Client};
use crate::link::is_name;
use crate::map::agreement::{self, STOPPED};
use crate::provider::progress;
use crate::provider::read::read_agreement;
use crate::wire::request::StopAgreement;

pub async fn stop(
    client: &Client<'_>,
    operation: Operation,
    agreement: &AgreementRef,
) -> Result<Progress, ProviderError> {
    let id = agreement_id(agreement)?;
    let refusal = match stop_agreement(client, operation, id).await {
        Err(ProviderError::DidNotHappen(failure)) if failure.kind == FailureKind::Refused => {
            failure
        }
        told => return told,
    };
    if is_over(client, id).await? {
        Ok(Progress::Done)
    } else {
        Err(ProviderError::DidNotHappen(refusal))
    }
}

pub async fn stop_agreement(
    client: &Client<'_>,
    operation: Operation,
    id: &str,
) -> Result<Progress, ProviderError> {
    let call = Call::patch(format!("/recurring/v3/agreements/{id}"));
    let call = call
        .json(&StopAgreement { status: STOPPED })?
        .limited(Kind::UpdateAgreement, id)
        .keyed(operation);
    Ok(progress(&client.send(&call).await?))
}

/// Whether an agreement permits nothing any more.
pub async fn is_over(client: &Client<'_>, id: &str) -> Result<bool, ProviderError> {
    let agreement = read_agreement(client, id).await?;
    Ok(agreement.id == id && agreement::is_over(&agreement))
}

/// What we keep as the token of an agreement is its id.
pub fn agreement_id(agreement: &AgreementRef) -> Result<&str, ProviderError> {
    let id = agreement.token.expose_secret();
    if is_name(id) {
        return Ok(id);
    }
    let failure = Failure::new(FailureKind::Misconfigured)
        .titled("the stored token does not have the form of an agreement's id");
    Err(ProviderError::DidNotHappen(failure))
}
