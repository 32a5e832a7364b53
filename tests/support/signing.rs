//! Keys of a client's server, and tokens made by hand where a library would refuse to make them.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mcpay::cli::DEMO_SIGNING_SECRET;
use serde_json::{Value, json};

use super::world::World;

enum Pair {
    Secret(Box<hmac::Key>),
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

/// A signing key with its private half.
pub struct TestKey {
    kid: String,
    algorithm: &'static str,
    /// The line of the `apply` file: `secret = …` or `public_key = …`.
    material: String,
    pair: Pair,
}

impl TestKey {
    /// The demo client's key.
    pub fn demo() -> Self {
        Self::shared("demo", "HS512", DEMO_SIGNING_SECRET)
    }

    pub fn shared(kid: &str, algorithm: &'static str, secret: &str) -> Self {
        let hash = match algorithm {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            "HS512" => hmac::HMAC_SHA512,
            other => panic!("{other} has no shared secret"),
        };
        Self {
            kid: kid.to_owned(),
            algorithm,
            material: format!("secret = {secret:?}"),
            pair: Pair::Secret(Box::new(hmac::Key::new(hash, secret.as_bytes()))),
        }
    }

    pub fn rsa(kid: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key");
        let public = pair.public_key().as_der().expect("its public half");
        Self {
            kid: kid.to_owned(),
            algorithm: "RS256",
            material: public_key(public.as_ref()),
            pair: Pair::Rsa(Box::new(pair)),
        }
    }

    pub fn p256(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a P-256 key");
        let public = pair.public_key().as_der().expect("its public half");
        Self {
            kid: kid.to_owned(),
            algorithm: "ES256",
            material: public_key(public.as_ref()),
            pair: Pair::P256(Box::new(pair)),
        }
    }

    pub fn ed25519(kid: &str) -> Self {
        let pair = Ed25519KeyPair::generate().expect("an Ed25519 key");
        let public = pair.public_key().as_der().expect("its public half");
        Self {
            kid: kid.to_owned(),
            algorithm: "EdDSA",
            material: public_key(public.as_ref()),
            pair: Pair::Ed25519(pair),
        }
    }

    /// A token that names this key.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm, "kid": self.kid });
        self.sign_as(&header, claims.to_string().as_bytes())
    }

    /// A token that names no key.
    pub fn sign_without_kid(&self, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm });
        self.sign_as(&header, claims.to_string().as_bytes())
    }

    /// Signs any header and any payload, also one that is no JSON.
    pub fn sign_as(&self, header: &Value, payload: &[u8]) -> String {
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Secret(key) => hmac::sign(key, message.as_bytes()).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &random,
                    message.as_bytes(),
                    &mut signature,
                )
                .expect("a signature");
                signature
            }
            Pair::P256(pair) => {
                let signature = pair.sign(&random, message.as_bytes());
                signature.expect("a signature").as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Its section of the `apply` file.
    pub fn section(&self) -> String {
        format!(
            "[[client.signing_key]]\nkid = {:?}\nalgorithm = {:?}\n{}\n",
            self.kid, self.algorithm, self.material
        )
    }
}

fn public_key(der: &[u8]) -> String {
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(der)
    );
    format!("public_key = {pem:?}")
}

impl World {
    /// Signs a payload exactly as it is written, with the demo client's key.
    pub fn sign_text(&self, payload: &[u8]) -> String {
        let header = json!({ "alg": "HS512", "kid": "demo" });
        TestKey::demo().sign_as(&header, payload)
    }
}
