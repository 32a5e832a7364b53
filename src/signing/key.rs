//! A signing key as a client's settings describe it.

use secrecy::SecretString;

/// A key that a client signs tokens with; `material` is the shared secret, or the PEM of the public
/// key. The algorithm belongs to the key, never to the token.
#[derive(Clone, Debug)]
pub struct SigningKeyConfig {
    pub kid: String,
    pub algorithm: SigningAlgorithm,
    pub material: SecretString,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum SigningAlgorithm {
    HS256,
    HS384,
    HS512,
    RS256,
    ES256,
    EdDSA,
}

impl SigningAlgorithm {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::HS256,
            Self::HS384,
            Self::HS512,
            Self::RS256,
            Self::ES256,
            Self::EdDSA,
        ]
        .into_iter()
        .find(|algorithm| algorithm.as_str() == name)
    }

    /// Whether both sides share the secret.
    pub const fn is_shared_secret(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }
}
