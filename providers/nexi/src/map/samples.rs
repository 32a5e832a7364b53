//! An account and an order for the tests of the translations. Every secret has a text of its own,
//! so that a test can look for it where it must not be.

use chrono::{DateTime, TimeZone as _, Utc};
use mcpay_port::{
    AccountSettings, AgreementTerms, Attempt, Currency, Flow, Money, Payer, PaymentMethod,
    PaymentOrder, PaymentRef, ProviderRef, Urls,
};
use serde_json::json;
use uuid::Uuid;

use crate::config::Settings;

pub const REFERENCE: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ab";
pub const PAYMENT_ID: &str = "0254000061f2a5bf3e5b4e8a1cd3e487";
pub const SECRET_KEY: &str = "secret-key-nobody-may-see";
pub const CALLBACK_KEY: &str = "CallbackKeyNobodyMaySee012345678";

pub fn account_settings(agreement: &str) -> AccountSettings {
    let fields = json!({
        "base_url": "https://test.api.dibspayment.eu",
        "checkout_script": "https://test.checkout.dibspayment.eu/v1/checkout.js?v=1",
        "secret_key": SECRET_KEY,
        "checkout_key": "checkout-key",
        "agreement": agreement,
    });
    AccountSettings::from_json(fields.to_string())
}

pub fn settings(agreement: &str) -> Settings {
    Settings::read(&account_settings(agreement)).unwrap()
}

pub fn settings_at(base_url: &str, checkout_script: &str) -> Settings {
    Settings {
        base_url: base_url.parse().unwrap(),
        checkout_script: checkout_script.parse().unwrap(),
        ..settings("unscheduled")
    }
}

pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()
}

pub fn reference() -> PaymentRef {
    PaymentRef(Uuid::parse_str(REFERENCE).unwrap())
}

pub fn terms(amount: Money) -> AgreementTerms {
    AgreementTerms {
        amount,
        period: None,
        payer_reference: "payer-1".to_owned(),
    }
}

pub fn attempt() -> Attempt {
    Attempt {
        reference: reference(),
        method: PaymentMethod::Nexi,
        provider_ref: Some(ProviderRef(PAYMENT_ID.to_owned())),
        amount: Money::new(34_900, Currency::NOK),
        charge: None,
    }
}

pub fn order(flow: Flow) -> PaymentOrder {
    PaymentOrder {
        reference: reference(),
        method: PaymentMethod::Nexi,
        flow,
        amount: Money::new(34_900, Currency::NOK),
        vat: Money::new(6_980, Currency::NOK),
        agreement: None,
        description: "Digital subscription".to_owned(),
        language: "nb-NO".to_owned(),
        country: "NO".to_owned(),
        capture_at_once: false,
        payer: Payer {
            phone_number: Some("+4790000000".into()),
            user_agent: Some("Mozilla/5.0".to_owned()),
            profile_scope: Vec::new(),
        },
        urls: Urls {
            page: "https://shop.example/pay?mcPayRef=1".parse().unwrap(),
            host_origins: vec!["https://shop.example".to_owned()],
            complete: "https://mcpay.example/return?k=1".parse().unwrap(),
            cancel: "https://mcpay.example/return?k=1&via=cancel"
                .parse()
                .unwrap(),
            callback: "https://mcpay.example/callbacks/nexi/1".parse().unwrap(),
            terms: None,
            agreement: None,
        },
        callback_key: CALLBACK_KEY.into(),
    }
}
