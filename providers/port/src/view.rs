//! What happens next on the payer's side.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ProviderRef;

/// A payment that now exists at the provider.
#[derive(Clone, Debug)]
pub struct Started {
    /// Absent for providers that are asked by our own reference.
    pub provider_ref: Option<ProviderRef>,
    pub next: NextStep,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NextStep {
    /// Send the browser there.
    Redirect(String),
    /// Draw the provider's view in the merchant's page.
    Seamless(View),
}

/// What the library needs to draw a provider's view.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(
    tag = "provider",
    rename_all = "lowercase",
    rename_all_fields = "camelCase"
)]
pub enum View {
    Payex {
        script_url: String,
        culture: String,
    },
    Nexi {
        script_url: String,
        checkout_key: String,
        payment_id: String,
        language: String,
    },
}

/// Both hold addresses with the provider's tokens in them: `Debug` shows which kind it is.
impl fmt::Debug for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redirect(_) => f.write_str("Redirect"),
            Self::Seamless(view) => f.debug_tuple("Seamless").field(view).finish(),
        }
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Payex { .. } => "Payex",
            Self::Nexi { .. } => "Nexi",
        })
    }
}
