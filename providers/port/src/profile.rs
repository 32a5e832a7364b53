//! Who paid, where the payer permitted the provider to tell.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::{Account, ProviderError};

/// What the provider tells of the payer, as its JSON. Personal: it is kept sealed, given to the
/// merchant's backend alone, and dropped when the provider's permission runs out.
#[derive(Clone, Debug)]
pub struct Profile(pub SecretString);

/// What [`crate::Provider::profiles`] offers.
#[async_trait]
pub trait Profiles: Send + Sync {
    /// Fetches the profile of a [`crate::Snapshot::profile_subject`].
    async fn fetch(
        &self,
        account: &Account,
        subject: &SecretString,
    ) -> Result<Profile, ProviderError>;
}
