//! A client of the file, ready to be stored once it has its identifiers.

use chrono::{DateTime, Utc};
use mcpay_port::AccountId;
use secrecy::{SecretSlice, SecretString};

use crate::catalogue::Coupon;
use crate::clients::ports::{ClientChange, NewAccount};
use crate::clients::{AccountConfig, Client};
use crate::ports::Ids;
use crate::signing::SigningKeyConfig;

/// One client, complete and checked.
#[derive(Clone, Debug)]
pub struct ClientDraft {
    pub client: Client,
    pub signing_keys: Vec<SigningKeyConfig>,
    pub oauth_secrets: Vec<SecretString>,
    pub accounts: Vec<AccountConfig>,
    pub coupons: Vec<Coupon>,
}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;

impl ClientDraft {
    /// Gives each account the id and the 32-byte callback secret it gets if it turns out new.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn into_change(
        self,
        ids: &dyn Ids,
        applied_at: DateTime<Utc>,
    ) -> Result<ClientChange, NoRandomness> {
        let accounts = self.accounts.into_iter().map(|config| {
            let mut secret = vec![0_u8; 32];
            aws_lc_rs::rand::fill(&mut secret).map_err(|_| NoRandomness)?;
            Ok(NewAccount {
                config,
                id: AccountId(ids.uuid()),
                callback_secret: SecretSlice::from(secret),
            })
        });
        Ok(ClientChange {
            client: self.client,
            signing_keys: self.signing_keys,
            oauth_secrets: self.oauth_secrets,
            accounts: accounts.collect::<Result<_, _>>()?,
            coupons: self.coupons,
            applied_at,
        })
    }
}
