//! Orders, attempts and agreements as the service would have them.

use mcpay_port::{
    AgreementRef, AgreementTerms, Attempt, ChargeAttempt, ChargeOrder, Currency, Flow, Money,
    Operation, OperationId, Payer, PaymentMethod, PaymentOrder, PaymentRef, Period, PeriodUnit,
    ProviderRef, Urls,
};
use uuid::Uuid;

pub const REFERENCE: &str = "019a8d4e-7b7c-7d3e-8f00-0123456789ab";
pub const OPERATION: &str = "00000000-0000-0000-0000-000000000023";
pub const AGREEMENT: &str = "agr_7Qx2Lm";

pub fn reference() -> PaymentRef {
    REFERENCE.parse().unwrap()
}

pub fn operation() -> Operation {
    Operation {
        id: OperationId(Uuid::from_u128(0x23)),
        number: 100_000_000_000,
    }
}

pub fn nok(minor: i64) -> Money {
    Money::new(minor, Currency::NOK)
}

pub fn order(method: PaymentMethod) -> PaymentOrder {
    let is_recurring = method == PaymentMethod::VippsRecurring;
    PaymentOrder {
        reference: reference(),
        method,
        flow: Flow::Redirect,
        amount: nok(if is_recurring { 100 } else { 34_900 }),
        vat: nok(0),
        agreement: is_recurring.then(|| AgreementTerms {
            amount: nok(34_900),
            period: Some(Period {
                length: 1,
                unit: PeriodUnit::Months,
            }),
            payer_reference: "payer-1".to_owned(),
        }),
        description: "Digital subscription".to_owned(),
        language: "nb-NO".to_owned(),
        country: "NO".to_owned(),
        capture_at_once: false,
        payer: Payer {
            phone_number: Some("+4790000000".into()),
            user_agent: None,
            profile_scope: vec!["name".to_owned(), "phoneNumber".to_owned()],
        },
        urls: Urls {
            page: "https://shop.example/pay".parse().unwrap(),
            host_origins: Vec::new(),
            complete: "https://mcpay.example/return?k=1".parse().unwrap(),
            cancel: "https://mcpay.example/return?via=cancel".parse().unwrap(),
            callback: "https://mcpay.example/callbacks/vipps/1".parse().unwrap(),
            terms: None,
            agreement: Some("https://shop.example/my/subscription".parse().unwrap()),
        },
        callback_key: "unused".into(),
    }
}

fn attempt(method: PaymentMethod, provider_ref: Option<String>, minor: i64) -> Attempt {
    Attempt {
        reference: reference(),
        method,
        provider_ref: provider_ref.map(ProviderRef),
        amount: nok(minor),
        charge: None,
    }
}

/// An ePayment of 349 kroner.
pub fn payment() -> Attempt {
    let provider_ref = format!("epayment/{REFERENCE}");
    attempt(PaymentMethod::VippsEcommerce, Some(provider_ref), 34_900)
}

/// The first payment of an agreement: one krone.
pub fn first_payment() -> Attempt {
    let provider_ref = format!("agreement/{AGREEMENT}");
    attempt(PaymentMethod::VippsRecurring, Some(provider_ref), 100)
}

/// A charge whose provider reference we never learnt.
pub fn begun_charge() -> Attempt {
    let begun = ChargeAttempt {
        operation: operation(),
        agreement: agreement(),
    };
    Attempt {
        charge: Some(begun),
        ..attempt(PaymentMethod::VippsRecurring, None, 9_900)
    }
}

pub fn agreement() -> AgreementRef {
    AgreementRef {
        token: AGREEMENT.into(),
        payer_reference: "payer-1".to_owned(),
    }
}

pub fn charge_order() -> ChargeOrder {
    ChargeOrder {
        reference: reference(),
        amount: nok(9_900),
        vat: nok(0),
        description: "Renewal".to_owned(),
        language: "nb-NO".to_owned(),
        due: Some("2026-12-24".parse().unwrap()),
        callback: "https://mcpay.example/callbacks/vipps/1".parse().unwrap(),
        callback_key: "unused".into(),
    }
}
