//! The store as access sees it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Store, unit};
use crate::access::ports::{TokenKey, TokenKeyStore};
use crate::ports::StoreError;

#[async_trait]
impl TokenKeyStore for Store {
    async fn load_token_keys(&self) -> Result<Vec<TokenKey>, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            |key| access::load_token_keys(key)
        )
    }

    async fn add_token_key(&self, new: &TokenKey) -> Result<(), StoreError> {
        let new = new.clone();
        unit!(self, writer, wrote_nothing, |key| access::add_token_key(
            &new, key
        ))
    }

    async fn forget_token_keys(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        unit!(
            self,
            writer,
            lost_connection,
            access::forget_token_keys(before)
        )
    }
}
