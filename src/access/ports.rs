//! What access needs from the store.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretSlice;

use crate::ports::StoreError;

/// A key that access tokens are signed with.
#[derive(Clone, Debug)]
pub struct TokenKey {
    pub kid: String,
    /// 64 random bytes.
    pub material: SecretSlice<u8>,
    pub created_at: DateTime<Utc>,
}

#[async_trait]
pub trait TokenKeyStore: Send + Sync {
    /// Newest first.
    async fn load_token_keys(&self) -> Result<Vec<TokenKey>, StoreError>;

    async fn add_token_key(&self, key: &TokenKey) -> Result<(), StoreError>;

    /// Deletes keys made before `before`; answers how many.
    async fn forget_token_keys(&self, before: DateTime<Utc>) -> Result<usize, StoreError>;
}
