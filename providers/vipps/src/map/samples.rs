//! An account and orders for the tests of the translations. Every secret has a text of its own, so
//! that a test can look for it where it must not be.

use mcpay_port::{
    AccountSettings, AgreementTerms, ChargeOrder, Currency, Flow, Money, Operation, OperationId,
    Payer, PaymentMethod, PaymentOrder, PaymentRef, Period, PeriodUnit, Urls,
};
use serde_json::json;
use uuid::Uuid;

use crate::config::Settings;

pub const REFERENCE: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ab";

pub fn settings() -> Settings {
    let fields = json!({
        "base_url": "https://apitest.vipps.no",
        "client_id": "client-1",
        "client_secret": "client-secret-nobody-may-see",
        "subscription_key": "subscription-key-nobody-may-see",
        "merchant_serial_number": "123456",
    });
    Settings::read(&AccountSettings::from_json(fields.to_string())).unwrap()
}

pub fn reference() -> PaymentRef {
    REFERENCE.parse().unwrap()
}

pub fn operation() -> Operation {
    Operation {
        id: OperationId(Uuid::from_u128(35)),
        number: 100_000_000_000,
    }
}

pub fn order() -> PaymentOrder {
    PaymentOrder {
        reference: reference(),
        method: PaymentMethod::VippsEcommerce,
        flow: Flow::Redirect,
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
            profile_scope: vec!["name".to_owned(), "email".to_owned()],
        },
        urls: Urls {
            page: "https://shop.example/pay?mcPayRef=1".parse().unwrap(),
            host_origins: vec!["https://shop.example".to_owned()],
            complete: "https://mcpay.example/return?k=1".parse().unwrap(),
            cancel: "https://mcpay.example/return?via=cancel".parse().unwrap(),
            callback: "https://mcpay.example/callbacks/vipps/1".parse().unwrap(),
            terms: None,
            agreement: Some("https://shop.example/my/subscription".parse().unwrap()),
        },
        callback_key: "callback-key-nobody-may-see".into(),
    }
}

/// One krone now, 349 a month later.
pub fn recurring_order() -> PaymentOrder {
    PaymentOrder {
        method: PaymentMethod::VippsRecurring,
        amount: Money::new(100, Currency::NOK),
        vat: Money::zero(Currency::NOK),
        agreement: Some(AgreementTerms {
            amount: Money::new(34_900, Currency::NOK),
            period: Some(Period {
                length: 1,
                unit: PeriodUnit::Months,
            }),
            payer_reference: "payer-1".to_owned(),
        }),
        ..order()
    }
}

pub fn charge_order() -> ChargeOrder {
    ChargeOrder {
        reference: reference(),
        amount: Money::new(34_900, Currency::NOK),
        vat: Money::new(6_980, Currency::NOK),
        description: "Renewal".to_owned(),
        language: "nb-NO".to_owned(),
        due: Some("2026-12-24".parse().unwrap()),
        callback: "https://mcpay.example/callbacks/vipps/1".parse().unwrap(),
        callback_key: "callback-key-nobody-may-see".into(),
    }
}
