//! The value that a provider proves its notifications with, where it signs nothing (CONTRACT 8.9).

use aws_lc_rs::hmac;
use mcpay_port::{PaymentRef, ProviderId};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

/// 62 characters: what `PayEx` takes in a URL and Nexi in an authorization value.
const ALPHABET: [char; 62] = [
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S',
    'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l',
    'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '0', '1', '2', '3', '4',
    '5', '6', '7', '8', '9',
];

/// The callback key of one payment: 32 characters out of `A-Z a-z 0-9`.
///
/// HMAC-SHA-256 with the account's stored secret over `provider:mcPayRef` gives 32 bytes; each
/// becomes the character number `byte mod 62`. The likeliest character of a place comes from 5 of
/// 256 bytes, so 32 places hold 32 * log2(256 / 5), more than 181 bits, against guessing. The
/// mapping must never change: notifications of payments already begun would be refused.
pub fn callback_key(
    callback_secret: &SecretSlice<u8>,
    provider: ProviderId,
    payment: PaymentRef,
) -> SecretString {
    let key = hmac::Key::new(hmac::HMAC_SHA256, callback_secret.expose_secret());
    let tag = hmac::sign(&key, format!("{provider}:{payment}").as_bytes());
    let characters = tag
        .as_ref()
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()));
    characters.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: u8, provider: ProviderId, payment: &str) -> String {
        let secret = SecretSlice::from(vec![secret; 32]);
        let key = callback_key(&secret, provider, payment.parse().unwrap());
        key.expose_secret().to_owned()
    }

    #[test]
    fn a_callback_key_is_32_alphanumeric_characters_of_its_own() {
        const PAYMENT: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ab";
        let keys = [
            key(1, ProviderId::Payex, PAYMENT),
            key(2, ProviderId::Payex, PAYMENT),
            key(1, ProviderId::Nexi, PAYMENT),
            key(1, ProviderId::Payex, "019a8d4e-7b7c-7d3e-8f00-0123456789ac"),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(key.len(), 32);
            assert!(
                key.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{key}"
            );
            assert!(!keys[..index].contains(key));
        }
        assert_eq!(
            keys[0],
            key(1, ProviderId::Payex, PAYMENT),
            "the same every time"
        );
    }
}
