//! Agreements: standing permissions to charge, and the charges made on them.

use chrono::NaiveDate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Money, PaymentRef, ProviderRef};

/// What the payer agrees to when a first payment also opens an agreement.
#[derive(Clone, Debug)]
pub struct AgreementTerms {
    /// The recurring price (CONTRACT 8.1).
    pub amount: Money,
    pub period: Option<Period>,
    /// Identifies the payer at the provider without telling who it is; later charges repeat it.
    pub payer_reference: String,
}

/// How often, from the coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub length: u32,
    pub unit: PeriodUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeriodUnit {
    Days,
    Weeks,
    Months,
    Years,
}

/// An active agreement, as needed to charge or stop it.
#[derive(Clone, Debug)]
pub struct AgreementRef {
    /// The provider's token or agreement id; it moves money, so it is masked.
    pub token: SecretString,
    pub payer_reference: String,
}

/// A charge without the payer present. It is a payment of its own.
#[derive(Clone, Debug)]
pub struct ChargeOrder {
    pub reference: PaymentRef,
    pub amount: Money,
    pub vat: Money,
    pub description: String,
    pub language: String,
    /// Where the provider keeps charges until they are due: the day that was asked for, else what
    /// [`crate::Provider::first_due`] said.
    pub due: Option<NaiveDate>,
    pub callback: Url,
    pub callback_key: SecretString,
}

/// The provider's answer to a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charged {
    /// A payment exists at the provider; inquire tells how it stands.
    Started(ProviderRef),
    /// The provider said no, for good.
    Declined {
        code: String,
        /// Whether it said so because the permission has ended: then no charge will ever be taken
        /// under the agreement again.
        agreement_is_over: bool,
    },
}

impl Charged {
    pub const fn says_agreement_is_over(&self) -> bool {
        matches!(
            self,
            Self::Declined {
                agreement_is_over: true,
                ..
            }
        )
    }
}
