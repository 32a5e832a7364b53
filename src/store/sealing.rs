//! Secrets at rest: AES-256-GCM under one master key that the database never sees.
//!
//! A sealed value is `version (1 byte) | nonce (12 bytes) | ciphertext and tag`. Its associated
//! data names the place it belongs to ("table/column/row"), so that nobody who can write to the
//! database can make one row's secret pass for another's. What must never live here: the secrets
//! themselves in any log or error.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use secrecy::zeroize::{Zeroize, Zeroizing};

use crate::clients::oauth_secret::SecretHasher;
use crate::ports::StoreError;

/// How a master key is long.
pub const MASTER_KEY_BYTES: usize = 32;

const VERSION: u8 = 1;

/// The key that seals every secret of the database. Losing it loses the secrets.
#[derive(Clone)]
pub struct MasterKey {
    seals: Arc<LessSafeKey>,
    hasher: SecretHasher,
}

/// Why a text is no master key. Never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the master key must be 32 random bytes, written as 64 hexadecimal digits or as base64; \
     make one with `openssl rand -base64 32`"
)]
pub struct MasterKeyProblem;

impl MasterKey {
    /// The key of these bytes.
    ///
    /// # Errors
    /// [`MasterKeyProblem`] when the cipher refuses them, which it does for no 32 bytes.
    pub fn from_bytes(bytes: &[u8; MASTER_KEY_BYTES]) -> Result<Self, MasterKeyProblem> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| MasterKeyProblem)?;
        // A key of its own: the same bytes must not serve two purposes.
        let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, b"mcpay").extract(bytes);
        let derived = derived
            .expand(&[b"secrets of the client API"], hmac::HMAC_SHA256)
            .map_err(|_| MasterKeyProblem)?;
        Ok(Self {
            seals: Arc::new(LessSafeKey::new(key)),
            hasher: SecretHasher::new(hmac::Key::from(derived)),
        })
    }

    /// Hashes secrets that need never be read again.
    pub fn secret_hasher(&self) -> SecretHasher {
        self.hasher.clone()
    }

    /// Reads 64 hexadecimal digits, or base64 of either alphabet with or without padding.
    ///
    /// # Errors
    /// [`MasterKeyProblem`] for anything else.
    pub fn parse(text: &str) -> Result<Self, MasterKeyProblem> {
        let text = text.trim();
        let decoded = from_hex(text).or_else(|| {
            [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
                .iter()
                .find_map(|engine| engine.decode(text).ok())
        });
        let decoded = Zeroizing::new(decoded.ok_or(MasterKeyProblem)?);
        let bytes: &[u8; MASTER_KEY_BYTES] = decoded
            .as_slice()
            .try_into()
            .map_err(|_| MasterKeyProblem)?;
        Self::from_bytes(bytes)
    }

    /// Encrypts `secret` for one place.
    pub(super) fn seal(&self, place: &Place, secret: &[u8]) -> Result<Vec<u8>, StoreError> {
        let failed = || StoreError::Broken(format!("{} cannot be sealed", place.0));
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| failed())?;
        let mut body = secret.to_vec();
        self.seals
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.0.as_bytes()),
                &mut body,
            )
            .map_err(|_| failed())?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Decrypts what was sealed for the same place.
    pub(super) fn open(
        &self,
        place: &Place,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let failed = || {
            StoreError::Broken(format!(
                "{} cannot be opened with this master key; start with the key it was sealed with",
                place.0
            ))
        };
        let (version, rest) = sealed.split_first().ok_or_else(failed)?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or_else(failed)?;
        if *version != VERSION {
            return Err(StoreError::Broken(format!(
                "{} was sealed by another version of this program",
                place.0
            )));
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| failed())?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = self
            .seals
            .open_in_place(nonce, Aad::from(place.0.as_bytes()), &mut body)
            .map_err(|_| failed())?
            .len();
        let tag = body.split_off(length);
        drop(Zeroizing::new(tag));
        Ok(body)
    }

    /// As [`Self::open`], for a secret that is text.
    pub(super) fn open_text(
        &self,
        place: &Place,
        sealed: &[u8],
    ) -> Result<Zeroizing<String>, StoreError> {
        let mut bytes = self.open(place, sealed)?;
        String::from_utf8(std::mem::take(&mut *bytes))
            .map(Zeroizing::new)
            .map_err(|error| {
                error.into_bytes().zeroize();
                StoreError::Broken(format!("{} is not text", place.0))
            })
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([REDACTED])")
    }
}

/// Where a sealed value belongs.
#[derive(Clone, Debug)]
pub(super) struct Place(String);

impl Place {
    /// The row's key is given in parts; only the last one may contain a slash, so that no two
    /// rows get the same place.
    pub(super) fn new(table: &str, column: &str, row: &[&str]) -> Self {
        Self(format!("{table}/{column}/{}", row.join("/")))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * MASTER_KEY_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> MasterKey {
        MasterKey::from_bytes(&[byte; MASTER_KEY_BYTES]).unwrap()
    }

    #[test]
    fn a_sealed_secret_opens_only_with_its_key_in_its_place() {
        let place = Place::new("agreements", "token", &["one"]);
        let sealed = key(1).seal(&place, b"moves money").unwrap();
        assert_eq!(
            key(1).open(&place, &sealed).unwrap().as_slice(),
            b"moves money"
        );
        assert!(!sealed.windows(5).any(|part| part == b"money"));

        let elsewhere = Place::new("agreements", "token", &["two"]);
        for refused in [
            key(2).open(&place, &sealed),
            key(1).open(&elsewhere, &sealed),
        ] {
            let Err(StoreError::Broken(why)) = refused else {
                panic!("it opened");
            };
            assert!(
                why.contains("cannot be opened with this master key"),
                "{why}"
            );
        }
    }

    #[test]
    fn a_damaged_secret_is_refused_and_never_panics() {
        let place = Place::new("accounts", "settings", &["one"]);
        let sealed = key(1).seal(&place, b"{}").unwrap();
        for length in 0..sealed.len() {
            assert!(key(1).open(&place, &sealed[..length]).is_err(), "{length}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key(1).open(&place, &changed).is_err(), "{at}");
        }
    }

    #[test]
    fn the_same_secret_never_looks_the_same_twice() {
        let place = Place::new("accounts", "settings", &["one"]);
        let sealed = || key(1).seal(&place, b"{}").unwrap();
        assert_ne!(sealed(), sealed());
    }

    #[test]
    fn a_master_key_is_read_from_hexadecimal_digits_and_base64() {
        let hex = "ab".repeat(32);
        let bytes = [0xab; MASTER_KEY_BYTES];
        let place = Place::new("a", "b", &["c"]);
        let sealed = MasterKey::from_bytes(&bytes)
            .unwrap()
            .seal(&place, b"x")
            .unwrap();
        for text in [
            hex.clone(),
            hex.to_uppercase(),
            STANDARD.encode(bytes),
            URL_SAFE_NO_PAD.encode(bytes),
            format!(" {}\n", STANDARD.encode(bytes)),
        ] {
            let key = MasterKey::parse(&text).unwrap();
            assert!(key.open(&place, &sealed).is_ok(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_master_key_and_the_sentence_does_not_quote_it() {
        for text in ["", "secret", &"ab".repeat(31), &STANDARD.encode([1; 16])] {
            let problem = MasterKey::parse(text).unwrap_err();
            assert!(text.is_empty() || !problem.to_string().contains(text));
        }
        assert_eq!(format!("{:?}", key(7)), "MasterKey([REDACTED])");
    }
}
