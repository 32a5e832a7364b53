//! Who paid: fetch a profile that is due, drop one whose permission ended, and name the payer to a
//! browser that came back. What must never happen here: anything of the person in a log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mcpay_port::{FailureKind, PaymentRef, ProviderError};
use secrecy::SecretString;

use super::budget::Asker;
use super::payment::{Payment, ProfileAsked};
use super::profile::StoredProfile;
use super::room::{AT_ONCE, Looked};
use super::service::{Payments, Trouble, within_limit};
use crate::ports::StoreError;

/// CONTRACT 4.4: how long a browser that came back is held for the payer's name.
const SUBJECT_WAIT: Duration = Duration::from_secs(5);

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
