//! What a provider posts to us. Reading it is pure; what it says is only ever a hint.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::{PaymentRef, ProviderRef, Registration};

/// A callback exactly as it came, plus what we expect it to prove itself with. No `Debug`: it holds
/// keys.
pub struct RawNotification<'a> {
    /// The payment named in the URL, where the URL names one.
    pub payment: Option<PaymentRef>,
    /// The key in the URL, where the URL has one.
    pub key: Option<&'a str>,
    /// The callback key of this account and payment.
    pub expected_key: &'a SecretString,
    /// The registration that the URL names, for providers that sign with its secret.
    pub registration: Option<&'a Registration>,
    pub received_at: DateTime<Utc>,
    /// Lower-case names.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

/// "Look at this payment": nothing more is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub payment: PaymentRef,
    /// The provider's id as the message claims it; adopted only after an inquiry confirms it.
    pub provider_ref: Option<ProviderRef>,
}

/// The message does not prove that the provider sent it, or cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    #[error("the key or signature is wrong")]
    WrongKey,
    #[error("the body is not what the provider sends")]
    Unreadable,
}
