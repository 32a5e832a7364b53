//! Whatever is posted as a callback of a provider, the answer is a hint or a refusal.
#![no_main]

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use mcpay::wiring::{http_client, providers};
use mcpay_port::{
    Account, AccountId, AccountSettings, PaymentRef, Provider, ProviderId, RawNotification,
    Registration,
};
use secrecy::SecretString;

const PAYMENT: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ab";
const ACCOUNT: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ac";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz012345";
/// Where a provider puts what proves it, and what it is given as the thing to prove.
const HEADERS: [&str; 5] = [
    "authorization",
    "content-type",
    "host",
    "x-ms-content-sha256",
    "x-ms-date",
];

fn settings(provider: ProviderId) -> &'static str {
    match provider {
        ProviderId::Payex => {
            r#"{"base_url":"https://api.externalintegration.payex.com",
                "payee_id":"fuzz","access_token":"only-for-fuzzing"}"#
        }
        ProviderId::Vipps => {
            r#"{"base_url":"https://apitest.vipps.no","client_id":"fuzz",
                "client_secret":"only-for-fuzzing","subscription_key":"only-for-fuzzing",
                "merchant_serial_number":"123456"}"#
        }
        ProviderId::Nexi => {
            r#"{"base_url":"https://test.api.dibspayment.eu",
                "checkout_script":"https://test.checkout.dibspayment.eu/v1/checkout.js?v=1",
                "secret_key":"only-for-fuzzing","checkout_key":"fuzz"}"#
        }
    }
}

static ADAPTERS: LazyLock<Vec<(Arc<dyn Provider>, Account)>> = LazyLock::new(|| {
    let adapters = providers(&http_client().expect("a client without connections"));
    let with_account = |adapter: Arc<dyn Provider>| {
        let account = Account {
            id: ACCOUNT.parse::<AccountId>().expect("an account id"),
            provider: adapter.id(),
            settings: AccountSettings::from_json(settings(adapter.id()).to_owned()),
        };
        (adapter, account)
    };
    adapters.into_values().map(with_account).collect()
});

static EXPECTED: LazyLock<SecretString> = LazyLock::new(|| KEY.to_owned().into());

static REGISTRATION: LazyLock<Registration> = LazyLock::new(|| Registration {
    id: "fuzz".to_owned(),
    url: format!("https://pay.example/callbacks/vipps/{ACCOUNT}")
        .parse()
        .expect("an address"),
    secret: KEY.to_owned().into(),
});

fuzz_target!(|data: &[u8]| {
    let payment: PaymentRef = PAYMENT.parse().expect("a payment reference");
    let text = String::from_utf8_lossy(data);
    let own = HEADERS.map(|name| (name.to_owned(), text.clone().into_owned()));
    let right = [("authorization".to_owned(), KEY.to_owned())];
    for (adapter, account) in ADAPTERS.iter() {
        for (key, headers) in [
            (Some(KEY), &own[..]),
            (Some(text.as_ref()), &own[..]),
            (None, &right[..]),
        ] {
            let raw = RawNotification {
                payment: Some(payment),
                key,
                expected_key: &EXPECTED,
                registration: Some(&REGISTRATION),
                received_at: DateTime::<Utc>::UNIX_EPOCH,
                headers,
                body: data,
            };
            if let Ok(hint) = adapter.read_notification(account, &raw) {
                let is_proved = key == Some(KEY) || headers == right;
                assert!(is_proved, "only the right key is believed");
                assert_eq!(hint.payment, payment);
            }
        }
    }
});
