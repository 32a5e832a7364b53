//! A client and what belongs to it, as `mcpay apply` describes it (CONTRACT 7.1).

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use mcpay_port::{Account, AccountSettings, Currency, ProviderId};
use secrecy::SecretSlice;

use super::oauth_secret::OauthSecret;
use crate::catalogue::Coupon;
use crate::signing::SigningKeyConfig;

/// `no.mediaconnect.test`: reverse-domain, at most 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientCode(pub String);

impl ClientCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything about a client except its keys, accounts and coupons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub code: ClientCode,
    pub name: String,
    pub company_code: String,
    pub merchant_group: String,
    /// ISO 3166 alpha-2, upper case.
    pub country: String,
    pub default_currency: Currency,
    /// `https://shop.example`, without a path.
    pub allowed_origins: Vec<String>,
    pub capture: CapturePolicy,
    pub rate_limit: RateLimit,
    pub claim_within: Duration,
    /// An unfinished payment is closed after this.
    pub pay_within: Duration,
    /// BCP 47, e.g. `nb-NO`.
    pub language: String,
    pub agreement_url: Option<String>,
    pub terms_url: Option<String>,
}

/// When an authorised payment is captured (CONTRACT 8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapturePolicy {
    OnOrder,
    Immediate,
    Manual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    pub per_second: NonZeroU32,
    pub per_minute: NonZeroU32,
}

/// An account as the file describes it.
#[derive(Clone, Debug)]
pub struct AccountConfig {
    pub provider: ProviderId,
    pub settings: AccountSettings,
}

/// A client with everything, as the store gives it back.
#[derive(Clone, Debug)]
pub struct StoredClient {
    pub client: Client,
    /// Not revoked.
    pub signing_keys: Vec<SigningKeyConfig>,
    /// Not revoked, newest first.
    pub oauth_secrets: Vec<OauthSecret>,
    /// Every version that a payment may still need; at most one per provider is current.
    pub accounts: Vec<StoredAccount>,
    /// Not closed.
    pub coupons: Vec<Coupon>,
}

#[derive(Clone, Debug)]
pub struct StoredAccount {
    pub account: Account,
    pub current: bool,
    /// 32 random bytes, the same for all versions of one client's account at a provider; keys the
    /// callback keys (CONTRACT 8.9).
    pub callback_secret: SecretSlice<u8>,
}

impl CapturePolicy {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnOrder => "on_order",
            Self::Immediate => "immediate",
            Self::Manual => "manual",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::OnOrder, Self::Immediate, Self::Manual]
            .into_iter()
            .find(|policy| policy.as_str() == name)
    }
}
