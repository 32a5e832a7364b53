//! A client's account at a provider, as its adapter sees it.

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::{AccountId, ProviderId};

/// One version of an account. A payment keeps the version it began with (CONTRACT 8.15).
#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    pub provider: ProviderId,
    pub settings: AccountSettings,
}

/// The provider-specific table of `mcpay apply` as JSON, secrets included and therefore masked.
#[derive(Clone, Debug)]
pub struct AccountSettings(SecretString);

impl AccountSettings {
    pub fn from_json(json: String) -> Self {
        Self(json.into())
    }

    /// Reads the settings into the adapter's own type.
    ///
    /// # Errors
    /// [`AccountProblem`] naming the field, never its value.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, AccountProblem> {
        serde_json::from_str(self.0.expose_secret()).map_err(|error| AccountProblem::from(&error))
    }

    /// The JSON, for encryption at rest. It holds secrets: never log it.
    pub fn expose_json(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What is wrong with an account's settings, in a sentence that names fields and no values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AccountProblem(pub String);

impl From<&serde_json::Error> for AccountProblem {
    /// serde's sentence may quote a value ("invalid type: string \"…\""), so only the kind and, for
    /// missing or unknown fields, the field name are kept.
    fn from(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        if text.starts_with("missing field") || text.starts_with("unknown field") {
            let sentence = text.split(" at line").next().unwrap_or_default();
            Self(sentence.to_owned())
        } else {
            Self("a field has the wrong type or form".to_owned())
        }
    }
}
