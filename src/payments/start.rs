//! A start of a payment: what it is asked with, and how it ended. `initiate` carries it out.

use std::sync::Arc;

pub use super::outcome::InitiateOutcome;
use super::payment::SettlementTerms;
use super::ports::StoredAnswer;
use super::terms::{FieldError, PageHints, Terms};
use crate::clients::ClientProfile;
use crate::ports::StoreError;
use crate::signing::InvalidSign;

/// What the library posts, and what its request tells about itself.
pub struct InitiateRequest {
    pub client_code: String,
    pub sign: String,
    pub page: PageHints,
    pub user_agent: Option<String>,
    /// `Idempotency-Key` and the SHA-256 of the body.
    pub key: Option<(String, [u8; 32])>,
}

/// A payment to start, whoever asked for it.
#[derive(Clone, Debug)]
pub struct StartRequest {
    pub profile: Arc<ClientProfile>,
    pub terms: Terms,
    /// The payer's browser, where one is there.
    pub user_agent: Option<String>,
    pub settlement: SettlementTerms,
    /// Whether an order stands for it from the beginning.
    pub claimed: bool,
}

/// Why no payment was begun; nothing was written, and no provider was called.
#[derive(Debug, thiserror::Error)]
pub enum InitiateError {
    #[error("{0}")]
    InvalidSign(InvalidSign),
    #[error("fields are missing or broken")]
    Fields(Vec<FieldError>),
    #[error("the client has no account for the method")]
    MethodUnavailable,
    #[error("the client's rate limit is reached for {0} s")]
    RateLimited(u64),
    #[error("the external reference was used before")]
    ReferenceUsed,
    #[error("the key came with another body")]
    KeyConflict,
    #[error("the key is still being worked on")]
    KeyInProgress,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the edge decides for the use-case: how answers look, and whether a client has used up its
/// limit.
pub trait Edge: Sync {
    fn answer(&self, outcome: &InitiateOutcome) -> StoredAnswer;
    /// Counts one accepted new reference against the client.
    ///
    /// # Errors
    /// The seconds to wait when the limit is reached.
    fn admit(&self, profile: &ClientProfile) -> Result<(), u64>;
}
