//! Whatever stands in `sign`, the answer is claims or a refusal, and then terms or errors.
//!
//! The bytes are tried as a whole token, and as the payload of a token that is validly signed:
//! without a signature the fuzzer would never get past it.
#![no_main]

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use mcpay::clients::{CapturePolicy, Client, ClientCode, ClientProfile, RateLimit, StoredClient};
use mcpay::signing::{SigningAlgorithm, SigningKeyConfig};
use mcpay::payments::terms::{PageHints, read_terms};
use mcpay_port::Currency;

const CODE: &str = "no.mediaconnect.test";
const SECRET: &str = "only-for-fuzzing-0123456789-abcdefghij";

static PROFILE: LazyLock<ClientProfile> = LazyLock::new(|| {
    let client = Client {
        code: ClientCode(CODE.to_owned()),
        name: "Fuzz".to_owned(),
        company_code: "FUZZ".to_owned(),
        merchant_group: "fuzz".to_owned(),
        country: "NO".to_owned(),
        default_currency: Currency::NOK,
        allowed_origins: vec!["https://shop.example".to_owned()],
        capture: CapturePolicy::OnOrder,
        rate_limit: RateLimit {
            per_second: NonZeroU32::MIN,
            per_minute: NonZeroU32::MIN,
        },
        claim_within: Duration::from_secs(86_400),
        pay_within: Duration::from_secs(3_600),
        language: "nb-NO".to_owned(),
        agreement_url: None,
        terms_url: None,
    };
    let key = SigningKeyConfig {
        kid: "a".to_owned(),
        algorithm: SigningAlgorithm::HS512,
        material: SECRET.to_owned().into(),
    };
    ClientProfile::new(&StoredClient {
        client,
        signing_keys: vec![key],
        oauth_secrets: Vec::new(),
        accounts: Vec::new(),
        coupons: Vec::new(),
    })
    .expect("the key is usable")
});

/// Time claims first, so that any further claims reach the reading of terms.
fn signed(rest: &[u8]) -> String {
    let payload = [
        br#"{"exp":1800000000,"recurring":false,"#.as_slice(),
        rest,
        b"}",
    ]
    .concat();
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"HS512"}"#),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let key = hmac::Key::new(hmac::HMAC_SHA512, SECRET.as_bytes());
    let tag = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn try_token(token: &str, page: &PageHints) {
    let now: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let Ok(claims) = PROFILE.keyring.verify(token, now) else {
        return;
    };
    let _ = claims.check_client_code(CODE);
    match read_terms(&claims, &PROFILE, page, CODE, now) {
        Ok(terms) => assert!(terms.vat.minor() <= terms.amount.minor()),
        Err(errors) => assert!(!errors.is_empty()),
    }
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let page = PageHints {
        page_url: Some(text.clone().into_owned()),
        origin: Some(text.clone().into_owned()),
    };
    try_token(&text, &page);
    try_token(&signed(data), &page);
    try_token(&signed(data), &PageHints::default());
});
