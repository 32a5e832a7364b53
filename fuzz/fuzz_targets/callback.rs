//! Whatever is posted as a callback of PayEx, the answer is a hint or a refusal.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mcpay_payex::Payex;
use mcpay_port::{
    Account, AccountId, AccountSettings, PaymentRef, Provider, ProviderId, RawNotification,
};
use secrecy::SecretString;

const PAYMENT: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ab";
const ACCOUNT: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ac";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz012345";
const SETTINGS: &str = r#"{"base_url":"https://api.externalintegration.payex.com",
    "payee_id":"fuzz","access_token":"only-for-fuzzing"}"#;

static PROVIDER: LazyLock<Payex> = LazyLock::new(|| {
    let http = reqwest::Client::builder()
        .build()
        .expect("a client without connections");
    Payex::new(http)
});

static EXPECTED: LazyLock<SecretString> = LazyLock::new(|| KEY.to_owned().into());

static STORED: LazyLock<Account> = LazyLock::new(|| Account {
    id: ACCOUNT.parse::<AccountId>().expect("an account id"),
    provider: ProviderId::Payex,
    settings: AccountSettings::from_json(SETTINGS.to_owned()),
});

fuzz_target!(|data: &[u8]| {
    let payment: PaymentRef = PAYMENT.parse().expect("a payment reference");
    let text = String::from_utf8_lossy(data);
    let headers = [("content-type".to_owned(), text.clone().into_owned())];
    for key in [Some(KEY), Some(text.as_ref()), None] {
        let raw = RawNotification {
            payment: Some(payment),
            key,
            expected_key: &EXPECTED,
            headers: &headers,
            body: data,
        };
        let hint = PROVIDER.read_notification(&STORED, &raw);
        if let Ok(hint) = hint {
            assert_eq!(key, Some(KEY), "only the right key is believed");
            assert_eq!(hint.payment, payment);
        }
    }
});
