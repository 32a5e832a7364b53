//! Profile: who paid, where the payer permitted the provider to tell. The provider names the payer
//! some seconds after the approval; the profile is kept sealed, told to the merchant's backend alone,
//! and dropped when the permission ends. `who_paid` fetches it.
//!
//! What must never live here: anything that shows a profile but to whom it is for.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::{PaymentRef, Profile};
use secrecy::SecretString;

use crate::ports::StoreError;

/// The provider tells the profile for so long, and so long it is kept.
pub(super) const PROFILE_LIFE: TimeDelta = TimeDelta::hours(168);

/// A profile that can now be fetched.
#[derive(Clone, Debug)]
pub struct NewProfile {
    /// The payer, in the provider's own words.
    pub subject: SecretString,
    pub due_at: DateTime<Utc>,
    pub drop_at: DateTime<Utc>,
}

/// A profile as it is stored.
#[derive(Clone, Debug)]
pub struct StoredProfile {
    pub payment: PaymentRef,
    pub subject: SecretString,
    /// What the provider told, once it was fetched.
    pub told: Option<Profile>,
    pub drop_at: DateTime<Utc>,
}

#[async_trait]
pub trait ProfileStore: Send + Sync {
    async fn find_profile(&self, payment: PaymentRef) -> Result<Option<StoredProfile>, StoreError>;

    /// Takes up to `limit` profiles that are to be fetched, counts the try and moves its time on, so
    /// that no other instance takes them and a crashed one loses nothing.
    async fn claim_due_profiles(
        &self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<StoredProfile>, StoreError>;

    /// Keeps what was fetched; `None` when there is nothing more to fetch.
    async fn finish_profile(
        &self,
        payment: PaymentRef,
        told: Option<&Profile>,
    ) -> Result<(), StoreError>;

    /// Drops what may not be kept any longer; answers how many.
    async fn drop_profiles(&self, now: DateTime<Utc>) -> Result<usize, StoreError>;
}
