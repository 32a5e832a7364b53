//! What keeping clients needs from the store.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mcpay_port::AccountId;
use secrecy::{SecretSlice, SecretString};

use super::{AccountConfig, Client, StoredClient};

use crate::catalogue::Coupon;
use crate::ports::StoreError;
use crate::signing::SigningKeyConfig;

/// One client of an `apply` file, complete: what it does not have any more is revoked or closed
/// (CONTRACT 8.15).
#[derive(Clone, Debug)]
pub struct ClientChange {
    pub client: Client,
    pub signing_keys: Vec<SigningKeyConfig>,
    /// In the clear only until the store has hashed them.
    pub oauth_secrets: Vec<SecretString>,
    pub accounts: Vec<NewAccount>,
    pub coupons: Vec<Coupon>,
    pub applied_at: DateTime<Utc>,
}

/// An account of the file, with what it gets if it turns out to be new or changed.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub config: AccountConfig,
    /// Used only when the settings differ from the current version's.
    pub id: AccountId,
    /// Used only for the first version; later ones keep the first one's.
    pub callback_secret: SecretSlice<u8>,
}

#[async_trait]
pub trait ClientStore: Send + Sync {
    /// Writes one client in one transaction and raises the revision.
    async fn save_client(&self, change: &ClientChange) -> Result<(), StoreError>;

    async fn load_clients(&self) -> Result<Vec<StoredClient>, StoreError>;

    /// Counts up with every `save_client`, so that instances notice.
    async fn get_clients_revision(&self) -> Result<i64, StoreError>;
}
