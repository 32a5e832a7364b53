//! A client's live keys, prepared, and the verification of a token with them.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    VerificationAlgorithm,
};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey};
use secrecy::ExposeSecret;

use super::header::{self, Parts};
use super::{Claims, InvalidSign, lifetime};
use super::{SigningAlgorithm, SigningKeyConfig};

/// Less can be guessed: RFC 7518, 3.2 wants at least the hash's length, and this is the least of
/// the three.
const MIN_SECRET_BYTES: usize = 32;

/// No RSA public key of 2048 bits is shorter than this in DER (its modulus alone is 257 bytes).
const MIN_RSA_DER_BYTES: usize = 262;

/// Why a key cannot be used. Names the key, never its material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    #[error("the secret of signing key {kid} is shorter than 32 bytes; make a longer one")]
    SecretTooShort { kid: String },
    #[error(
        "signing key {kid} has a PEM file as its shared secret; give a random secret, or name an \
         algorithm with public keys"
    )]
    PemAsSecret { kid: String },
    #[error(
        "signing key {kid} holds a private key; give the public key only, and take the private \
         one for compromised"
    )]
    PrivateKey { kid: String },
    #[error("signing key {kid} is not a public key for {algorithm} in PEM form ({wanted})")]
    NotAPublicKey {
        kid: String,
        algorithm: &'static str,
        wanted: &'static str,
    },
    #[error("the kid {kid} is there twice; every live key needs its own")]
    RepeatedKid { kid: String },
}

/// The live keys of one client. `Debug` shows which they are, never what.
#[derive(Clone, Default)]
pub struct Keyring {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    kid: String,
    algorithm: SigningAlgorithm,
    material: DecodingKey,
}

impl Keyring {
    /// Prepares the keys.
    ///
    /// # Errors
    /// The first key that cannot be used.
    pub fn new(configs: &[SigningKeyConfig]) -> Result<Self, KeyProblem> {
        let mut keys: Vec<Key> = Vec::with_capacity(configs.len());
        for config in configs {
            if keys.iter().any(|key| key.kid == config.kid) {
                return Err(KeyProblem::RepeatedKid {
                    kid: config.kid.clone(),
                });
            }
            keys.push(prepare(config)?);
        }
        Ok(Self { keys })
    }

    /// Whether one of the live keys signed this token and it is valid at `now`; then its claims.
    ///
    /// # Errors
    /// [`InvalidSign`], whose `detail()` is what the caller may know.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, InvalidSign> {
        let parts = header::split(token)?;
        self.verify_signature(&parts)?;
        let claims = Claims::read(&header::decode(parts.payload)?)?;
        lifetime::check(&claims, now)?;
        Ok(claims)
    }

    fn verify_signature(&self, parts: &Parts<'_>) -> Result<(), InvalidSign> {
        let stated =
            SigningAlgorithm::from_name(&parts.header.alg).ok_or(InvalidSign::WrongAlgorithm)?;
        let candidates: Vec<&Key> = match &parts.header.kid {
            Some(kid) => {
                let key = self.keys.iter().find(|key| key.kid == *kid);
                vec![key.ok_or(InvalidSign::UnknownKey)?]
            }
            None => self.keys.iter().collect(),
        };
        let mut of_algorithm = candidates
            .into_iter()
            .filter(|key| key.algorithm == stated)
            .peekable();
        if of_algorithm.peek().is_none() {
            return Err(InvalidSign::WrongAlgorithm);
        }
        if of_algorithm.any(|key| key.signed(parts)) {
            Ok(())
        } else {
            Err(InvalidSign::WrongSignature)
        }
    }
}

impl Key {
    /// Verifies with the algorithm of this record.
    fn signed(&self, parts: &Parts<'_>) -> bool {
        let algorithm = library_algorithm(self.algorithm);
        jsonwebtoken::crypto::verify(parts.signature, parts.message, &self.material, algorithm)
            .unwrap_or(false)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.keys.iter().map(|key| (&key.kid, key.algorithm)))
            .finish()
    }
}

fn prepare(config: &SigningKeyConfig) -> Result<Key, KeyProblem> {
    let material = config.material.expose_secret();
    let kid = config.kid.clone();
    let is_pem = material.trim_start().starts_with("-----BEGIN");
    let prepared = if config.algorithm.is_shared_secret() {
        if is_pem {
            return Err(KeyProblem::PemAsSecret { kid });
        }
        if material.len() < MIN_SECRET_BYTES {
            return Err(KeyProblem::SecretTooShort { kid });
        }
        DecodingKey::from_secret(material.as_bytes())
    } else {
        if material.contains("PRIVATE KEY") {
            return Err(KeyProblem::PrivateKey { kid });
        }
        let Some(key) = read_public_key(config.algorithm, material.as_bytes()) else {
            return Err(KeyProblem::NotAPublicKey {
                kid,
                algorithm: config.algorithm.as_str(),
                wanted: wanted(config.algorithm),
            });
        };
        key
    };
    Ok(Key {
        kid,
        algorithm: config.algorithm,
        material: prepared,
    })
}

/// The PEM as a key that this very algorithm can verify with; the library alone would take any
/// elliptic curve and any size and then refuse every token.
fn read_public_key(algorithm: SigningAlgorithm, pem: &[u8]) -> Option<DecodingKey> {
    let (key, verification): (_, &'static dyn VerificationAlgorithm) = match algorithm {
        SigningAlgorithm::RS256 => (DecodingKey::from_rsa_pem(pem), &RSA_PKCS1_2048_8192_SHA256),
        SigningAlgorithm::ES256 => (DecodingKey::from_ec_pem(pem), &ECDSA_P256_SHA256_FIXED),
        SigningAlgorithm::EdDSA => (DecodingKey::from_ed_pem(pem), &ED25519),
        SigningAlgorithm::HS256 | SigningAlgorithm::HS384 | SigningAlgorithm::HS512 => return None,
    };
    let key = key.ok()?;
    let bytes = key.try_get_as_bytes().ok()?;
    ParsedPublicKey::new(verification, bytes).ok()?;
    let too_small = algorithm == SigningAlgorithm::RS256 && bytes.len() < MIN_RSA_DER_BYTES;
    (!too_small).then_some(key)
}

const fn wanted(algorithm: SigningAlgorithm) -> &'static str {
    match algorithm {
        SigningAlgorithm::RS256 => "RSA of at least 2048 bits",
        SigningAlgorithm::ES256 => "the curve P-256",
        _ => "Ed25519",
    }
}

const fn library_algorithm(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::HS256 => Algorithm::HS256,
        SigningAlgorithm::HS384 => Algorithm::HS384,
        SigningAlgorithm::HS512 => Algorithm::HS512,
        SigningAlgorithm::RS256 => Algorithm::RS256,
        SigningAlgorithm::ES256 => Algorithm::ES256,
        SigningAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}
