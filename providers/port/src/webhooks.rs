//! Addresses that are registered once per account, for providers that sign what they send there.

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use crate::{Account, ProviderError};

/// An address at which the provider notifies us, and the secret it signs with.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The provider's own name of it.
    pub id: String,
    /// Exactly as it was registered: it is part of what is signed.
    pub url: Url,
    pub secret: SecretString,
}

/// A registration as the provider lists it; it never tells the secret again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredAddress {
    pub id: String,
    pub url: String,
    /// It hears of everything that [`Webhooks::register`] would ask for now.
    pub complete: bool,
}

/// What [`crate::Provider::webhooks`] offers.
#[async_trait]
pub trait Webhooks: Send + Sync {
    /// Registers `url` for every event that hints at a payment.
    async fn register(&self, account: &Account, url: &Url) -> Result<Registration, ProviderError>;

    /// Everything registered for the account, by whomever.
    async fn list(&self, account: &Account) -> Result<Vec<RegisteredAddress>, ProviderError>;

    /// Removing what is not there is done.
    async fn remove(&self, account: &Account, id: &str) -> Result<(), ProviderError>;
}
