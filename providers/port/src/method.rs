//! Payment methods as a client names them, and what each can do by definition (CONTRACT 4.1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Who moves the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProviderId {
    Payex,
    Vipps,
    Nexi,
}

impl ProviderId {
    pub const ALL: [Self; 3] = [Self::Payex, Self::Vipps, Self::Nexi];

    /// The name in URLs, settings and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payex => "payex",
            Self::Vipps => "vipps",
            Self::Nexi => "nexi",
        }
    }

    /// The name that people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payex => "PayEx",
            Self::Vipps => "Vipps",
            Self::Nexi => "Nexi",
        }
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProviderId {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|id| id.as_str() == name)
            .ok_or(())
    }
}

/// A payment method of the outward API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum PaymentMethod {
    #[serde(rename = "creditcardPayex")]
    CreditcardPayex,
    #[serde(rename = "vippsRecurring")]
    VippsRecurring,
    #[serde(rename = "vippsEcommerce")]
    VippsEcommerce,
    #[serde(rename = "nexi")]
    Nexi,
}

/// Whether a method takes recurring payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recurring {
    Always,
    Never,
    Either,
}

impl PaymentMethod {
    pub const ALL: [Self; 4] = [
        Self::CreditcardPayex,
        Self::VippsRecurring,
        Self::VippsEcommerce,
        Self::Nexi,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreditcardPayex => "creditcardPayex",
            Self::VippsRecurring => "vippsRecurring",
            Self::VippsEcommerce => "vippsEcommerce",
            Self::Nexi => "nexi",
        }
    }

    pub const fn provider(self) -> ProviderId {
        match self {
            Self::CreditcardPayex => ProviderId::Payex,
            Self::VippsRecurring | Self::VippsEcommerce => ProviderId::Vipps,
            Self::Nexi => ProviderId::Nexi,
        }
    }

    pub const fn recurring(self) -> Recurring {
        match self {
            Self::VippsRecurring => Recurring::Always,
            Self::VippsEcommerce => Recurring::Never,
            Self::CreditcardPayex | Self::Nexi => Recurring::Either,
        }
    }

    pub const fn is_vipps(self) -> bool {
        matches!(self.provider(), ProviderId::Vipps)
    }

    /// Vipps has no seamless view; the card methods have both.
    pub const fn has_flow(self, flow: Flow) -> bool {
        !(self.is_vipps() && matches!(flow, Flow::Seamless))
    }

    /// Seamless where the method has it.
    pub const fn default_flow(self) -> Flow {
        if self.has_flow(Flow::Seamless) {
            Flow::Seamless
        } else {
            Flow::Redirect
        }
    }
}

impl FromStr for PaymentMethod {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == name)
            .ok_or(())
    }
}

/// Where the payer fills in details: in a view on the merchant's page, or at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    Seamless,
    Redirect,
}

impl Flow {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seamless => "seamless",
            Self::Redirect => "redirect",
        }
    }
}

impl FromStr for Flow {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "seamless" => Ok(Self::Seamless),
            "redirect" => Ok(Self::Redirect),
            _ => Err(()),
        }
    }
}
