//! The secrets that a merchant's backend gets its tokens with (CONTRACT 5).
//!
//! Only a keyed hash of a secret is kept, bound to its client and generation. What must never live
//! here: a secret in the clear beyond the call that hashes it.

use std::fmt;

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

/// Two may live at once, so that a backend can change its secret without a gap.
pub const MOST_LIVE: usize = 2;

/// A live secret as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthSecret {
    /// Counts up with every new secret of a client; a token names it and dies with it.
    pub generation: i64,
    /// HMAC-SHA-256, see [`SecretHasher`].
    pub hash: Vec<u8>,
}

/// Hashes secrets under a key that follows from the master key: whoever reads the database alone
/// cannot even try guesses.
#[derive(Clone)]
pub struct SecretHasher(hmac::Key);

impl SecretHasher {
    pub const fn new(key: hmac::Key) -> Self {
        Self(key)
    }

    pub fn hash(&self, client_code: &str, generation: i64, secret: &SecretString) -> Vec<u8> {
        let tag = hmac::sign(&self.0, &bound(client_code, generation, secret));
        tag.as_ref().to_vec()
    }

    /// The generation of the live secret that this is. It takes as long for a client that is not
    /// known, whose list is empty, as for any other.
    pub fn find_generation(
        &self,
        client_code: &str,
        live: &[OauthSecret],
        secret: &SecretString,
    ) -> Option<i64> {
        let nobody = OauthSecret {
            generation: 0,
            hash: vec![0; 32],
        };
        let padding = std::iter::repeat(&nobody);
        let mut found = None;
        for known in live.iter().chain(padding).take(live.len().max(MOST_LIVE)) {
            let message = bound(client_code, known.generation, secret);
            let is_it = hmac::verify(&self.0, &message, &known.hash).is_ok();
            if is_it && known.generation > 0 {
                found = Some(known.generation);
            }
        }
        found
    }
}

/// No client code holds a slash, so no two secrets share a message.
fn bound(client_code: &str, generation: i64, secret: &SecretString) -> Vec<u8> {
    let mut message = format!("{client_code}/{generation}/").into_bytes();
    message.extend_from_slice(secret.expose_secret().as_bytes());
    message
}

impl fmt::Debug for SecretHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHasher([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_client_and_generation_only() {
        let hasher = SecretHasher::new(hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]));
        let secret = SecretString::from("a-secret-of-some-length");
        let live = |client: &str, generation| OauthSecret {
            generation,
            hash: hasher.hash(client, generation, &secret),
        };
        let both = [live("no.a", 3), live("no.a", 4)];
        assert_eq!(hasher.find_generation("no.a", &both[..1], &secret), Some(3));
        assert_eq!(hasher.find_generation("no.a", &both[1..], &secret), Some(4));
        assert_eq!(hasher.find_generation("no.b", &both, &secret), None);
        assert_eq!(hasher.find_generation("no.a", &[], &secret), None);
        let other = SecretString::from("a-secret-of-some-Length");
        assert_eq!(hasher.find_generation("no.a", &both, &other), None);
        let moved = OauthSecret {
            generation: 5,
            ..both[0].clone()
        };
        assert_eq!(hasher.find_generation("no.a", &[moved], &secret), None);
    }
}
