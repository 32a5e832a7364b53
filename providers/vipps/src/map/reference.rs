//! Which of the provider's three kinds of things a payment is, as one opaque text.
//!
//! ```text
//! epayment/019a8d4e-7b7c-7d3e-8f00-0123456789ab       an ePayment, by our reference
//! agreement/agr_5kSeqz                                an agreement and its first payment
//! charge/agr_5kSeqz/4f9a3c1e-…                        a later charge; its id is our operation's
//! ```
//!
//! The initial charge of an agreement bears our reference (`mcPayRef`) as its id, so the agreement
//! alone is enough to find it.

use std::fmt;

use mcpay_port::{ChargeAttempt, PaymentRef, ProviderRef};
use secrecy::ExposeSecret;

use crate::link::is_name;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Payment(PaymentRef),
    Agreement(String),
    Charge(ChargeName),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeName {
    pub agreement: String,
    pub charge: String,
}

impl Target {
    /// Nothing when the text is none of ours, or holds a name that may not enter a URL.
    pub fn find(text: &ProviderRef) -> Option<Self> {
        let (kind, rest) = text.as_str().split_once('/')?;
        match kind {
            "epayment" => rest.parse().ok().map(Self::Payment),
            "agreement" => Self::find_agreement(rest),
            "charge" => {
                let (agreement, charge) = rest.split_once('/')?;
                Self::find_charge(agreement, charge)
            }
            _ => None,
        }
    }

    pub fn find_agreement(id: &str) -> Option<Self> {
        is_name(id).then(|| Self::Agreement(id.to_owned()))
    }

    pub fn find_charge(agreement: &str, charge: &str) -> Option<Self> {
        (is_name(agreement) && is_name(charge)).then(|| {
            Self::Charge(ChargeName {
                agreement: agreement.to_owned(),
                charge: charge.to_owned(),
            })
        })
    }

    /// A charge by how it was begun: its id is that of the operation.
    pub fn find_begun(begun: &ChargeAttempt) -> Option<Self> {
        let agreement = begun.agreement.token.expose_secret();
        Self::find_charge(agreement, &begun.operation.id.to_string())
    }

    pub fn to_ref(&self) -> ProviderRef {
        ProviderRef(self.to_string())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payment(reference) => write!(f, "epayment/{reference}"),
            Self::Agreement(id) => write!(f, "agreement/{id}"),
            Self::Charge(name) => write!(f, "charge/{name}"),
        }
    }
}

impl ChargeName {
    /// The first payment of an agreement.
    pub fn initial(agreement: &str, reference: PaymentRef) -> Self {
        Self {
            agreement: agreement.to_owned(),
            charge: reference.to_string(),
        }
    }

    pub fn path(&self) -> String {
        format!(
            "/recurring/v3/agreements/{}/charges/{}",
            self.agreement, self.charge
        )
    }
}

impl fmt::Display for ChargeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.agreement, self.charge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn find(text: &str) -> Option<Target> {
        Target::find(&ProviderRef(text.to_owned()))
    }

    #[test]
    fn what_is_not_ours_is_nothing() {
        for text in [
            "",
            "epayment",
            "epayment/",
            "epayment/mcpay-order-0001",
            "epayment/019A8D4E-7B7C-7D3E-8F00-0123456789AB",
            "agreement/",
            "agreement/..",
            "agreement/a/b",
            "agreement/agr?x",
            "charge/agr_1",
            "charge/agr_1/",
            "charge/agr_1/../x",
            "payment/agr_1",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_kind_is_read_back_as_it_was_written(
            id in any::<u128>(),
            agreement in "[A-Za-z0-9_-]{1,36}",
            charge in "[A-Za-z0-9-]{1,50}",
        ) {
            for target in [
                Target::Payment(PaymentRef(Uuid::from_u128(id))),
                Target::find_agreement(&agreement).unwrap(),
                Target::find_charge(&agreement, &charge).unwrap(),
            ] {
                prop_assert_eq!(Target::find(&target.to_ref()), Some(target));
            }
        }

        #[test]
        fn no_text_reaches_another_path_than_its_own(
            text in "charge/[A-Za-z0-9./?#%_-]{0,6}/[A-Za-z0-9./?#%_-]{0,6}",
        ) {
            if let Some(Target::Charge(name)) = find(&text) {
                let path = name.path();
                prop_assert_eq!(path.matches('/').count(), 6);
                prop_assert!(!path.contains(['.', '?', '#', '%']));
            }
        }
    }
}
