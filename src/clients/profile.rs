//! A client as requests need it: everything looked up and prepared once.

use std::collections::HashMap;

use mcpay_port::{AccountId, ProviderId};

use super::oauth_secret::OauthSecret;
use super::{Client, StoredClient};
use crate::catalogue::Coupon;
use crate::catalogue::CouponRef;
use crate::signing::{KeyProblem, Keyring};

/// One client with its live keys, open coupons and current accounts.
#[derive(Clone, Debug)]
pub struct ClientProfile {
    pub client: Client,
    pub keyring: Keyring,
    pub oauth_secrets: Vec<OauthSecret>,
    pub coupons: HashMap<CouponRef, Coupon>,
    pub accounts: HashMap<ProviderId, AccountId>,
}

impl ClientProfile {
    /// Prepares what the store gave.
    ///
    /// # Errors
    /// [`KeyProblem`] when a stored key cannot be used.
    pub fn new(stored: &StoredClient) -> Result<Self, KeyProblem> {
        let coupons = stored.coupons.iter().map(|coupon| {
            let key = CouponRef {
                code: coupon.code.clone(),
                number: coupon.number,
            };
            (key, coupon.clone())
        });
        let accounts = stored
            .accounts
            .iter()
            .filter(|stored| stored.current)
            .map(|stored| (stored.account.provider, stored.account.id));
        Ok(Self {
            client: stored.client.clone(),
            keyring: Keyring::new(&stored.signing_keys)?,
            oauth_secrets: stored.oauth_secrets.clone(),
            coupons: coupons.collect(),
            accounts: accounts.collect(),
        })
    }
}
