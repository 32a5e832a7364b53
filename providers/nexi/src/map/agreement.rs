//! The stored permission to charge: Nexi's id and its kind in one text, since the two kinds are
//! charged at different addresses and an account may change its kind later.

use mcpay_port::{AgreementRef, AgreementToken, Failure, FailureKind, ProviderError};
use secrecy::ExposeSecret;
use url::Url;

use crate::config::{AgreementKind, Settings};
use crate::link;
use crate::wire::answer::Payment;

const UNSCHEDULED: &str = "unscheduled";
const SUBSCRIPTION: &str = "subscription";

/// Nexi's permission in a payment, whether or not the payer has completed it.
pub fn find_token(payment: &Payment) -> Option<AgreementToken> {
    let unscheduled = payment
        .unscheduled_subscription
        .as_ref()
        .and_then(|stored| stored.unscheduled_subscription_id.as_deref());
    let subscription = || payment.subscription.as_ref()?.id.as_deref();
    let (kind, id) = unscheduled
        .map(|id| (UNSCHEDULED, id))
        .or_else(|| subscription().map(|id| (SUBSCRIPTION, id)))?;
    link::is_path_safe(id).then(|| AgreementToken(format!("{kind}.{id}").into()))
}

/// Where the agreement's charges are, or with `more` something below them.
///
/// # Errors
/// `DidNotHappen(Misconfigured)` when the token is none of ours.
pub fn charges_url(
    settings: &Settings,
    agreement: &AgreementRef,
    more: &[&str],
) -> Result<Url, ProviderError> {
    let (kind, id) = read(agreement.token.expose_secret()).ok_or_else(|| {
        let failure = Failure::new(FailureKind::Misconfigured)
            .titled("the stored token does not have the form of a Nexi agreement");
        ProviderError::DidNotHappen(failure)
    })?;
    // The path of the unscheduled kind is all lower case, unlike the field.
    let collection = match kind {
        AgreementKind::Unscheduled => "unscheduledsubscriptions",
        AgreementKind::Subscription => "subscriptions",
    };
    Ok(link::own(
        settings,
        &[&[collection, id, "charges"], more].concat(),
    ))
}

fn read(token: &str) -> Option<(AgreementKind, &str)> {
    let (kind, id) = token.split_once('.')?;
    let kind = match kind {
        UNSCHEDULED => AgreementKind::Unscheduled,
        SUBSCRIPTION => AgreementKind::Subscription,
        _ => return None,
    };
    link::is_path_safe(id).then_some((kind, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::settings;
    use serde_json::{Value, json};

    const ID: &str = "92143051e9e441f798b9c7e1b3a2d6c8";

    fn token(payment: Value) -> Option<String> {
        let payment: Payment = serde_json::from_value(payment).unwrap();
        find_token(&payment).map(|token| token.0.expose_secret().to_owned())
    }

    fn url(token: &str) -> Result<String, ProviderError> {
        let agreement = AgreementRef {
            token: token.into(),
            payer_reference: "payer-1".to_owned(),
        };
        charges_url(&settings("unscheduled"), &agreement, &[]).map(String::from)
    }

    #[test]
    fn a_token_keeps_its_kind_and_is_charged_where_that_kind_is() {
        for (payment, path) in [
            (
                json!({ "unscheduledSubscription": { "unscheduledSubscriptionId": ID } }),
                "unscheduledsubscriptions",
            ),
            (json!({ "subscription": { "id": ID } }), "subscriptions"),
        ] {
            let url = url(&token(payment).unwrap()).unwrap();
            let expected = format!("https://test.api.dibspayment.eu/v1/{path}/{ID}/charges");
            assert_eq!(url, expected);
        }
    }

    #[test]
    fn what_names_no_agreement_is_none() {
        for payment in [
            json!({}),
            json!({ "subscription": {}, "unscheduledSubscription": {} }),
            json!({ "subscription": { "id": "" } }),
            json!({ "subscription": { "id": "../payments" } }),
        ] {
            assert_eq!(token(payment.clone()), None, "{payment}");
        }
    }

    #[test]
    fn a_stored_text_that_would_change_the_url_is_never_used() {
        for text in [
            "",
            ID,
            "unscheduled.",
            "other.1",
            "subscription.a/b",
            "subscription...",
        ] {
            let error = url(text).unwrap_err();
            assert_eq!(error.failure().kind, FailureKind::Misconfigured, "{text}");
        }
    }
}
