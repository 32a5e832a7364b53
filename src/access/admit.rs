//! Admit: which client a token speaks for, now.

use std::sync::Arc;

use super::token::{self, TokenClaims};
use super::{Access, keys::LiveKey};
use crate::clients::{ClientCode, ClientProfile};
use crate::ports::StoreError;

/// What a valid token gives, for as long as it holds.
#[derive(Clone, Debug)]
pub struct Grant {
    pub client: ClientCode,
    generation: i64,
    expires_at_seconds: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum InvalidToken {
    /// One and the same for whatever is wrong with it.
    #[error("the token is not valid, or no longer")]
    Invalid,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Access {
    /// Whether [`Access::admit`] can answer without asking the store.
    pub fn knows_key_of(&self, token: &str) -> bool {
        token::find_kid(token).is_none_or(|kid| self.keys.find(&kid).is_some())
    }

    /// The client that a token speaks for.
    ///
    /// # Errors
    /// [`InvalidToken`].
    pub async fn admit(&self, token: &str) -> Result<(Grant, Arc<ClientProfile>), InvalidToken> {
        let key = self.key_of(token).await?;
        let claims = token::read(&key, token, self.clock.now()).ok_or(InvalidToken::Invalid)?;
        let grant = grant(claims);
        if self.find_profile(&grant).is_none() {
            // Another instance may know of a secret that was applied a moment ago.
            self.registry.refresh_if_changed().await?;
        }
        let profile = self.find_profile(&grant).ok_or(InvalidToken::Invalid)?;
        Ok((grant, profile))
    }

    /// Whether a grant still holds: for answers that take long.
    pub fn holds(&self, grant: &Grant) -> bool {
        self.clock.now().timestamp() < grant.expires_at_seconds
            && self.find_profile(grant).is_some()
    }

    async fn key_of(&self, token: &str) -> Result<Arc<LiveKey>, InvalidToken> {
        let kid = token::find_kid(token).ok_or(InvalidToken::Invalid)?;
        if let Some(key) = self.keys.find(&kid) {
            return Ok(key);
        }
        self.keys.refresh().await?;
        self.keys.find(&kid).ok_or(InvalidToken::Invalid)
    }

    /// The client, if the secret of the grant still lives.
    fn find_profile(&self, grant: &Grant) -> Option<Arc<ClientProfile>> {
        let profile = self.registry.profile(grant.client.as_str())?;
        let lives = profile
            .oauth_secrets
            .iter()
            .any(|secret| secret.generation == grant.generation);
        lives.then_some(profile)
    }
}

fn grant(claims: TokenClaims) -> Grant {
    Grant {
        client: ClientCode(claims.sub),
        generation: claims.generation,
        expires_at_seconds: claims.exp,
    }
}
