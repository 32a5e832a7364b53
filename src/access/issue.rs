//! Issue: a client's secret becomes an access token (RFC 6749, 4.4).

use secrecy::SecretString;

use super::Access;
use super::keys::LIFETIME;
use super::token;
use crate::ports::StoreError;

/// Who says to be whom.
#[derive(Debug)]
pub struct Credentials {
    pub client_code: String,
    pub secret: SecretString,
}

/// A token, and how long it lives, seconds.
#[derive(Debug)]
pub struct Issued {
    pub token: SecretString,
    pub expires_in_seconds: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Unknown client or wrong secret: one and the same.
    #[error("the client is not known or the secret is wrong")]
    InvalidClient,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Access {
    /// Issues a token for the first reading that is right: credentials may have been written with
    /// or without the encoding that RFC 6749, 2.3.1 wants.
    ///
    /// # Errors
    /// [`IssueError`].
    pub async fn issue(&self, readings: &[Credentials]) -> Result<Issued, IssueError> {
        let mut known = None;
        for reading in readings {
            known = known.or(self.known(reading).map(|generation| (reading, generation)));
        }
        let (reading, generation) = known.ok_or(IssueError::InvalidClient)?;
        let now = self.clock.now();
        let key = self.keys.get_signing_key(self.ids.as_ref(), now).await?;
        let id = self.ids.uuid();
        let token = token::sign(&key, &reading.client_code, generation, id, now)
            .ok_or_else(|| StoreError::Broken("a token could not be signed".to_owned()))?;
        Ok(Issued {
            token: token.into(),
            expires_in_seconds: LIFETIME.num_seconds(),
        })
    }

    fn known(&self, reading: &Credentials) -> Option<i64> {
        let profile = self.registry.profile(&reading.client_code);
        let live = profile
            .as_ref()
            .map_or(&[][..], |profile| &profile.oauth_secrets);
        self.hasher
            .find_generation(&reading.client_code, live, &reading.secret)
    }
}
