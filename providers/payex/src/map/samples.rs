//! An account and an order for the tests of the translations. Every secret has a text of its own, so
//! that a test can look for it where it must not be.

use mcpay_port::{
    AccountSettings, Currency, Flow, Money, Payer, PaymentMethod, PaymentOrder, PaymentRef, Urls,
};
use serde_json::json;
use uuid::Uuid;

use crate::config::Settings;

pub const REFERENCE: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ab";
pub const ACCESS_TOKEN: &str = "access-token-nobody-may-see";

pub fn account_settings(agreement: &str) -> AccountSettings {
    let fields = json!({
        "base_url": "https://api.externalintegration.payex.com",
        "payee_id": "payee-1",
        "access_token": ACCESS_TOKEN,
        "agreement": agreement,
    });
    AccountSettings::from_json(fields.to_string())
}

pub fn settings(agreement: &str) -> Settings {
    Settings::read(&account_settings(agreement)).unwrap()
}

pub fn order(flow: Flow) -> PaymentOrder {
    PaymentOrder {
        reference: PaymentRef(Uuid::parse_str(REFERENCE).unwrap()),
        method: PaymentMethod::CreditcardPayex,
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
            cancel: "https://mcpay.example/return?via=cancel".parse().unwrap(),
            callback: "https://mcpay.example/callback?key=2".parse().unwrap(),
            terms: None,
            agreement: None,
        },
        callback_key: "callback-key-nobody-may-see".into(),
    }
}
