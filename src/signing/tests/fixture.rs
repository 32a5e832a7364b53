//! Keys and tokens, made here and signed as a client would.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use aws_lc_rs::{hmac, rsa};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::super::{InvalidSign, Keyring};
use crate::signing::{SigningAlgorithm, SigningKeyConfig};

pub(super) const SECRET: &str = "a-secret-of-a-client-0123456789abcdef";
pub(super) const OTHER_SECRET: &str = "another-secret-of-it-0123456789abcdef";
pub(super) const NOW: i64 = 1_800_000_000;

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

pub(super) fn key(kid: &str, algorithm: SigningAlgorithm, material: &str) -> SigningKeyConfig {
    SigningKeyConfig {
        kid: kid.to_owned(),
        algorithm,
        material: material.to_owned().into(),
    }
}

pub(super) fn hs512() -> Keyring {
    Keyring::new(&[key("a", SigningAlgorithm::HS512, SECRET)]).unwrap()
}

pub(super) fn message(header: &str, payload: &[u8]) -> String {
    let header = URL_SAFE_NO_PAD.encode(header);
    format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload))
}

pub(super) fn with_signature(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(super) fn hmac_token(
    algorithm: hmac::Algorithm,
    secret: &[u8],
    header: &str,
    payload: &[u8],
) -> String {
    let message = message(header, payload);
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes());
    with_signature(&message, tag.as_ref())
}

pub(super) fn hs512_token(payload: &[u8]) -> String {
    let header = r#"{"alg":"HS512","typ":"JWT"}"#;
    hmac_token(hmac::HMAC_SHA512, SECRET.as_bytes(), header, payload)
}

pub(super) fn live() -> Vec<u8> {
    json!({ "iat": NOW, "exp": NOW + 300 })
        .to_string()
        .into_bytes()
}

pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

pub(super) fn refusal(keyring: &Keyring, token: &str) -> Option<InvalidSign> {
    keyring.verify(token, now()).err()
}

pub(super) struct Rsa {
    pub(super) pair: RsaKeyPair,
    pub(super) public: String,
}

pub(super) fn rsa_key(size: rsa::KeySize) -> Rsa {
    let pair = RsaKeyPair::generate(size).unwrap();
    let public = pem("PUBLIC KEY", pair.public_key().as_der().unwrap().as_ref());
    Rsa { pair, public }
}

pub(super) fn rs256_token(key: &Rsa, payload: &[u8]) -> String {
    let message = message(r#"{"alg":"RS256"}"#, payload);
    let mut signature = vec![0; key.pair.public_modulus_len()];
    let random = SystemRandom::new();
    key.pair
        .sign(
            &RSA_PKCS1_SHA256,
            &random,
            message.as_bytes(),
            &mut signature,
        )
        .unwrap();
    with_signature(&message, &signature)
}
