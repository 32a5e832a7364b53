//! What the provider says about a payment at one moment. The only thing that changes state.

use secrecy::SecretString;

use crate::{AgreementRef, Money, Operation, OperationId, PaymentMethod, PaymentRef, ProviderRef};

/// What is asked about.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub reference: PaymentRef,
    pub method: PaymentMethod,
    /// Absent when the create's outcome is unknown.
    pub provider_ref: Option<ProviderRef>,
    /// What we believe the payment is for; gives amounts their currency when the provider is
    /// silent.
    pub amount: Money,
    /// Present when the payment is a charge of an agreement.
    pub charge: Option<ChargeAttempt>,
}

/// How a charge was begun: enough to find it at a provider that names charges by our operation.
#[derive(Clone, Debug)]
pub struct ChargeAttempt {
    pub operation: Operation,
    pub agreement: AgreementRef,
}

/// The provider's truth. The service compares `reference` and `order_amount` with its own and
/// trusts nothing that differs (CONTRACT 8.10).
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub provider_ref: ProviderRef,
    /// Our reference as the provider echoes it, where it does.
    pub reference: Option<String>,
    /// What the provider was asked to take.
    pub order_amount: Money,
    pub standing: Standing,
    pub authorized: Money,
    pub captured: Money,
    /// Released after authorisation.
    pub cancelled: Money,
    /// What was given back; what is only accepted, or has failed, is in `refunds`.
    pub refunded: Money,
    /// What became of our refunds, where the provider lists them by our operation.
    pub refunds: Vec<RefundSeen>,
    /// How the permission to charge later stands.
    pub agreement: Permission,
    /// Who paid, in the provider's own words, when a profile was asked for and granted. Personal.
    pub profile_subject: Option<SecretString>,
}

/// One of our refunds as the provider lists it. The three add up to what it was asked for; a refund
/// that the adapter had to split may end in more than one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundSeen {
    pub operation: OperationId,
    pub completed: Money,
    /// Accepted, and not yet carried out.
    pub pending: Money,
    /// Accepted, and not carried out for good.
    pub failed: Money,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The payer can still act.
    Pending,
    /// Authorised (or, for an amount of zero, registered). The amounts tell the rest, also after
    /// captures, releases and refunds.
    Approved,
    /// Over without an authorisation.
    Ended(EndReason),
    /// The provider uses a status that its adapter does not know.
    Unknown(String),
}

/// Why a payment ended without money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    Cancelled,
    Declined,
    Expired,
    Error,
}

/// How the provider says that the permission to charge later stands.
#[derive(Clone, Debug)]
pub enum Permission {
    /// None was asked for, none is given yet, or the provider does not say.
    NotTold,
    /// Charges are permitted with this token.
    Given(AgreementToken),
    /// It has ended for good, whoever ended it: the payer, the merchant or the provider. Never said
    /// of what is merely not found.
    Over,
}

impl Permission {
    /// What charges are made with, where they are permitted.
    pub const fn token(&self) -> Option<&AgreementToken> {
        match self {
            Self::Given(token) => Some(token),
            Self::NotTold | Self::Over => None,
        }
    }

    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }
}

impl From<Option<AgreementToken>> for Permission {
    fn from(token: Option<AgreementToken>) -> Self {
        token.map_or(Self::NotTold, Self::Given)
    }
}

/// What a charge is made with.
#[derive(Clone, Debug)]
pub struct AgreementToken(pub SecretString);
