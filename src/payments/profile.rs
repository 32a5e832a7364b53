//! Profile: who paid, where the payer permitted the provider to tell. The provider names the payer
//! some seconds after the approval; the profile is fetched in the background, kept sealed, told to
//! the merchant's backend alone, and dropped when the permission ends.
//!
//! What must never happen here: anything of the person in a log, an event or a list.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::{FailureKind, PaymentRef, Profile, ProviderError};
use secrecy::SecretString;

use super::budget::Asker;
use super::payment::{Payment, ProfileAsked};
use super::room::{AT_ONCE, Looked};
use super::service::{Payments, Trouble, within_limit};
use crate::ports::StoreError;

/// The provider tells the profile for so long, and so long it is kept.
pub(super) const PROFILE_LIFE: TimeDelta = TimeDelta::hours(168);
/// CONTRACT 4.4: how long a browser that came back is held for the payer's name.
const SUBJECT_WAIT: Duration = Duration::from_secs(5);

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

impl Payments {
    /// Fetches what is due, as many as one look takes.
    pub async fn fetch_profiles(self: &Arc<Self>) -> Result<Looked, StoreError> {
        if self.background.is_closed() {
            return Ok(Looked::Idle); // stopping: whatever is due stays due
        }
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let due = self
            .store
            .claim_due_profiles(self.clock.now(), limit)
            .await?;
        let looked = Looked::of(due.is_empty());
        for profile in due {
            let payments = Arc::clone(self);
            self.background.spawn(async move {
                if let Err(error) = payments.fetch_profile(&profile).await {
                    tracing::warn!(mc_pay_ref = %profile.payment, %error, "a profile comes due again");
                }
            });
        }
        Ok(looked)
    }

    async fn fetch_profile(&self, profile: &StoredProfile) -> Result<(), Trouble> {
        let payment = self.get_payment(profile.payment).await?;
        let (account, provider) = self.provider_of(&payment)?;
        let profiles = provider.profiles().ok_or(Trouble::NoAccount)?;
        let call = profiles.fetch(&account.account, &profile.subject);
        let told = match within_limit(call, ProviderError::DidNotHappen).await {
            Ok(told) => Some(told),
            Err(error) if error.failure().kind == FailureKind::NotFound => {
                tracing::info!(mc_pay_ref = %payment.reference, "there is no profile any more");
                None
            }
            Err(error) => {
                tracing::warn!(mc_pay_ref = %payment.reference, %error, "a profile was not told");
                return Ok(()); // it is due again
            }
        };
        self.store
            .finish_profile(payment.reference, told.as_ref())
            .await?;
        Ok(())
    }

    /// Drops what the payer's permission does not cover any more.
    pub async fn drop_profiles(&self) -> Result<usize, StoreError> {
        self.store.drop_profiles(self.clock.now()).await
    }

    /// What is kept of the payer, as long as it may be told.
    pub async fn find_profile(
        &self,
        payment: PaymentRef,
    ) -> Result<Option<StoredProfile>, StoreError> {
        let found = self.store.find_profile(payment).await?;
        let now = self.clock.now();
        Ok(found.filter(|profile| now < profile.drop_at))
    }

    /// The payer's name for a browser that came back from the provider with its key; waits a moment
    /// for one that is still to be told.
    pub async fn payer_of(
        &self,
        mut payment: Payment,
        key: &str,
    ) -> Result<Option<SecretString>, Trouble> {
        if payment.profile.is_none() || !payment.return_key.matches(key) {
            return Ok(None);
        }
        let deadline = Instant::now() + SUBJECT_WAIT;
        while payment.profile == Some(ProfileAsked::Asked) && payment.inquire_at.is_some() {
            let left = deadline.saturating_duration_since(Instant::now());
            let asked = self.inquire_anew(payment.reference, Asker::Browser);
            match tokio::time::timeout(left, asked).await {
                Ok(answered) => payment = answered?,
                Err(_) => return Ok(None),
            }
        }
        let profile = self.find_profile(payment.reference).await?;
        Ok(profile.map(|profile| profile.subject))
    }
}
