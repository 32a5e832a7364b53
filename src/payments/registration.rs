//! A registration: the address at which a provider notifies us of one account, and what it signs
//! with there. What must never live here: a call to a provider; see `register`.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mcpay_port::{AccountId, Registration};
use url::Url;
use uuid::Uuid;

use crate::ports::StoreError;

/// Our own name of a registration: the last part of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegistrationId(pub Uuid);

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Only the form that stands in our addresses.
impl FromStr for RegistrationId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let id = Uuid::parse_str(text).map_err(|_| ())?;
        (id.to_string() == text).then_some(Self(id)).ok_or(())
    }
}

/// A registration as it is stored: first as the claim of whoever is about to register it.
#[derive(Clone, Debug)]
pub struct StoredRegistration {
    pub id: RegistrationId,
    /// One version of an account has one registration for each public URL of the service.
    pub account: AccountId,
    pub public_url: Url,
    pub url: Url,
    pub created_at: DateTime<Utc>,
    /// What the provider answered; absent while it is only claimed.
    pub registered: Option<Registration>,
}

#[async_trait]
pub trait RegistrationStore: Send + Sync {
    async fn find_registration(
        &self,
        id: RegistrationId,
    ) -> Result<Option<StoredRegistration>, StoreError>;

    /// The one of this account and public URL.
    async fn find_registration_of(
        &self,
        account: AccountId,
        public_url: &Url,
    ) -> Result<Option<StoredRegistration>, StoreError>;

    /// Claims the right to register: stores `claim`, in the place of `former` where there is one.
    /// False when somebody else was faster; then nothing was written.
    async fn claim_registration(
        &self,
        claim: &StoredRegistration,
        former: Option<RegistrationId>,
    ) -> Result<bool, StoreError>;

    /// Stores what the provider answered to a claim. False when the claim was taken over.
    async fn finish_registration(
        &self,
        id: RegistrationId,
        registered: &Registration,
    ) -> Result<bool, StoreError>;

    async fn forget_registration(&self, id: RegistrationId) -> Result<(), StoreError>;

    /// Whether anything of this account is still to be heard of: an unfinished payment, money that
    /// is reserved, an agreement that can be charged.
    async fn is_account_in_use(&self, account: AccountId) -> Result<bool, StoreError>;
}
