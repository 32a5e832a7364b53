//! What a merchant's backend asks of a payment or an agreement, and what it is told (CONTRACT 5).
//!
//! The use-cases are in the files named by their verbs. Each claims the caller's key in the
//! transaction of its intent, and keeps the rendered answer for it (CONTRACT 8.13).

use chrono::NaiveDate;
use mcpay_port::{AgreementId, Failure, Money, OperationId, PaymentRef};
use rust_decimal::Decimal;

use super::operation::StoredOperation;
use super::payment::{Payment, PublicStatus};
use super::ports::StoredAnswer;
use super::profile::StoredProfile;
use super::terms::FieldError;
use crate::clients::ClientCode;
use crate::ports::StoreError;

/// What a client's own reference may have.
pub const MAX_REFERENCE_CHARACTERS: usize = 100;
/// What a payer may be given to read.
pub const MAX_DESCRIPTION_CHARACTERS: usize = 500;

/// Who asks, and the key under which the same request may be repeated.
#[derive(Clone, Debug)]
pub struct Asked {
    pub client: ClientCode,
    /// `Idempotency-Key`.
    pub key: String,
    /// SHA-256 over the address and the bytes of the body.
    pub body_hash: [u8; 32],
}

/// A charge of an agreement.
#[derive(Clone, Debug)]
pub struct ChargeRequest {
    pub agreement: AgreementId,
    pub external_reference: String,
    /// Major units, as sent.
    pub amount: Decimal,
    /// ISO 4217; must be the agreement's, which it is when absent.
    pub currency: Option<String>,
    pub vat_amount: Option<Decimal>,
    pub description: String,
    /// The day on which it is made, in the client's country; when absent at once, or on the
    /// first day that the provider takes.
    pub due_date: Option<NaiveDate>,
}

/// How it ended; rendered once by the caller, stored, and replayed byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The provider did it.
    Done(OperationId),
    /// The provider will do it, and tell later.
    Accepted(OperationId),
    /// A charge exists; its status tells whether the money was taken.
    Charged {
        payment: PaymentRef,
        agreement: AgreementId,
        status: PublicStatus,
    },
    Stopped(AgreementId),
    /// More than is left; `what` names what it is left of.
    AmountExceeded {
        left: Money,
        what: &'static str,
    },
    /// It cannot be done to something that stands like this; a sentence with states and amounts.
    StateConflict(String),
    ReferenceUsed,
    /// The provider said no to the request itself.
    Refused(Failure),
    /// It did not happen.
    Unavailable,
    /// It may have happened; the service finds out.
    Unknown(PaymentRef),
}

/// Why nothing was done and nothing is stored for the key.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Also for what belongs to another client.
    #[error("there is no such thing")]
    NotFound,
    #[error("fields are missing or broken")]
    Fields(Vec<FieldError>),
    #[error("the key came with another body")]
    KeyConflict,
    #[error("the key is still being worked on")]
    KeyInProgress,
    /// The account or adapter that the payment began with is not loaded: a set-up error.
    #[error("the payment's account is not available in this process")]
    NoAccount,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How answers look; decided by the edge.
pub trait Teller: Sync {
    fn answer(&self, told: &Told) -> StoredAnswer;
}

/// A payment with everything that was tried on it, newest first.
#[derive(Clone, Debug)]
pub struct PaymentDetails {
    pub payment: Payment,
    pub operations: Vec<StoredOperation>,
    /// Who paid, while it may be told.
    pub profile: Option<StoredProfile>,
}
