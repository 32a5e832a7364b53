//! Deletes the token that permits charges. A token that is gone already is deleted well enough.

use mcpay_port::{AgreementRef, Failure, FailureKind, Progress, ProviderError};
use secrecy::ExposeSecret;
use serde::de::IgnoredAny;

use crate::client::Client;
use crate::config::AgreementKind;
use crate::link;
use crate::wire::request::DeleteToken;

pub async fn stop(
    client: &Client<'_>,
    agreement: &AgreementRef,
) -> Result<Progress, ProviderError> {
    let token = agreement.token.expose_secret();
    if !link::is_token(token) {
        let failure = Failure::new(FailureKind::Misconfigured)
            .titled("the stored token does not have the form of a PayEx token");
        return Err(ProviderError::DidNotHappen(failure));
    }
    let collection = match client.settings.agreement {
        AgreementKind::Unscheduled => "unscheduledTokens",
        AgreementKind::Recurrence => "recurrenceTokens",
    };
    let path = format!("/psp/paymentorders/{collection}/{token}");
    let body = DeleteToken {
        state: "Deleted",
        comment: "The agreement was stopped",
    };
    let url = link::own(client.settings, &path, None);
    // The answer's shape differs by kind of token; its status says all.
    match client.patch::<_, IgnoredAny>(url, &body).await {
        Ok(_) => Ok(Progress::Done),
        Err(error) if error.says_token_is_gone() => Ok(Progress::Done),
        Err(error) => Err(error.into()),
    }
}
