//! `POST /payments`: a payment for a payer to approve.

use std::sync::Arc;
use std::time::Duration;

use mcpay_port::Currency;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::FAMILY;
use super::payment::{OPEN_FOR, Payment, Status, watch};
use super::receipt;
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::fields::{Fields, Wrong, read_url};
use crate::sandbox::person::{is_phone, read_scope};
use crate::sandbox::problem::Problem;
use crate::sandbox::state::{SharedPayment, State, locked};
use crate::sandbox::visit::Visit;
use crate::sandbox::webhooks::sequences::Sequences;

const MOST: i64 = 65_000_000;
/// A payer who approves by itself takes this long, so that the payment is first seen open.
pub(crate) const AUTO_APPROVE_AFTER: Duration = Duration::from_millis(100);

/// # Errors
/// 400 with every field that is missing or wrong, or with the first code that applies; 409 for a
/// reference that exists.
pub(crate) fn create(call: &Call<'_>) -> Answer {
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let reference = fields.required_text("reference", 8..=64);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !reference.bytes().all(plain) {
        fields.refuse("reference", "must match '^[a-zA-Z0-9-]{8,64}$'");
    }
    let (value, currency) = read_amount(&fields, "amount", least_of(call.account.currency));
    let method = fields.object("paymentMethod");
    let method_type = method.required_one_of("type", &["WALLET", "CARD", "CARD_PASSTHROUGH"]);
    method.close();
    let flows = ["WEB_REDIRECT", "NATIVE_REDIRECT", "PUSH_MESSAGE", "QR"];
    let flow = fields.required_one_of("userFlow", &flows);
    fields.one_of(
        "customerInteraction",
        &["CUSTOMER_PRESENT", "CUSTOMER_NOT_PRESENT"],
    );
    if let Some(age) = fields.nullable("minimumUserAge")
        && !age.as_i64().is_some_and(|age| (0..=100).contains(&age))
    {
        fields.refuse("minimumUserAge", "must be between 0 and 100");
    }
    let description = fields
        .text("paymentDescription", 3..=100)
        .map(str::to_owned);
    let customer = fields.find_object("customer");
    let scope = fields.find_object("profile").and_then(|profile| {
        let scope = profile.text("scope", 1..=200);
        profile.close();
        scope
    });
    let return_url = fields.text("returnUrl", 1..=1024);
    receipt::check(&fields);
    let metadata = fields.value("metadata");
    let extras = Extras::read(&fields);
    fields.close();
    let phone = read_customer(customer)?;
    wrong.check(FAMILY)?;

    check_method(method_type, flow)?;
    extras.check()?;
    check_currency(currency, call.account.currency)?;
    check_metadata(metadata)?;
    let visit = Visit::new(
        phone,
        check_scope(scope)?,
        Some(check_return_url(return_url)?),
    );
    let mut payment = draft(call, reference, value, visit);
    payment.description = description;
    payment.metadata = metadata.cloned();
    keep(call, payment)
}

fn draft(call: &Call<'_>, reference: &str, amount: i64, visit: Visit) -> Payment {
    Payment {
        unit: call.unit().to_owned(),
        reference: reference.to_owned(),
        psp_reference: Uuid::new_v4().to_string(),
        landing: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
        currency: call.account.currency,
        amount,
        description: None,
        metadata: None,
        status: Status::Created,
        authorized: 0,
        captured: 0,
        cancelled: 0,
        refunded: 0,
        authorized_at: None,
        expires_at: call.now + OPEN_FOR,
        has_failed_capture: false,
        is_auto_approved: call.state.stage.controls().auto_approve,
        visit,
        events: Vec::new(),
        create_key: call.key.to_owned(),
        sequences: Sequences::default(),
    }
}

fn keep(call: &Call<'_>, mut payment: Payment) -> Answer {
    let known = |books: &mut crate::sandbox::state::Books| {
        books
            .find_payment(&payment.unit, &payment.reference)
            .is_some()
    };
    if call.state.books(known) {
        let text = format!("Reference {} already exists.", payment.reference);
        return Err(Problem::code("4150", text));
    }
    let amount = payment.amount;
    payment.note(call.state, "CREATED", amount, Some(call.key), true);
    let answer = json!({
        "redirectUrl": call.state.landing_url(&payment.landing),
        "reference": payment.reference,
    });
    let approves = payment.is_auto_approved;
    let shared = call.state.keep_payment(payment);
    watch(call.state, &shared);
    if approves {
        approve_by_itself(call.state, shared);
    }
    Ok(Reply::json(201, answer))
}

fn approve_by_itself(state: &Arc<State>, shared: SharedPayment) {
    let later = Arc::clone(state);
    state.stage.tasks.spawn(async move {
        tokio::time::sleep(AUTO_APPROVE_AFTER).await;
        let mut payment = locked(&shared);
        payment.settle(&later);
        if payment.is_open() {
            let _ = payment.approve(&later);
        }
    });
}

/// An amount object: minor units, and the currency as it is written.
pub(crate) fn read_amount(
    fields: &Fields<'_>,
    key: &'static str,
    least: i64,
) -> (i64, &'static str) {
    let amount = fields.object(key);
    let value = amount.required_integer("value", least..=MOST);
    let currency = amount.required_one_of("currency", &["NOK", "DKK", "EUR"]);
    amount.close();
    (value, currency.unwrap_or_default())
}

/// A crown in Norway, the smallest coin elsewhere.
fn least_of(currency: Currency) -> i64 {
    if currency == Currency::NOK { 100 } else { 1 }
}

fn read_customer(customer: Option<Fields<'_>>) -> Result<Option<String>, Problem> {
    let Some(customer) = customer else {
        return Ok(None);
    };
    let phone = customer.text("phoneNumber", 0..=100).map(str::to_owned);
    for (key, code) in [("personalQr", "4060"), ("customerToken", "4050")] {
        if customer.text(key, 0..=1000).is_some() {
            return Err(Problem::code(
                code,
                "The sandbox knows a payer by phone number only.",
            ));
        }
    }
    customer.close();
    if phone.as_deref().is_some_and(|phone| !is_phone(phone)) {
        let text = "A phone number is 10 to 15 digits with the country code, without a plus.";
        return Err(Problem::code("4070", text));
    }
    Ok(phone)
}

fn check_method(method: Option<&str>, flow: Option<&str>) -> Result<(), Problem> {
    match method {
        Some("CARD_PASSTHROUGH") => {
            return Err(Problem::code("4160", "Only for payment service providers."));
        }
        Some("CARD") => {
            return Err(Problem::code(
                "4160",
                "CARD is not available in the test environment.",
            ));
        }
        _ => {}
    }
    match flow {
        Some("PUSH_MESSAGE") => Err(Problem::code(
            "5080",
            "This sales unit may not send push messages.",
        )),
        Some("QR") => Err(Problem::code("4140", "The sandbox has no QR flow.")),
        _ => Ok(()),
    }
}

/// Products that the sales unit does not have.
struct Extras {
    found: Option<(&'static str, &'static str)>,
}

impl Extras {
    fn read(fields: &Fields<'_>) -> Self {
        let extras = [
            ("shipping", "5020"),
            ("blockedSources", "5010"),
            ("expiresAt", "5050"),
            ("qrFormat", "4140"),
            ("industryData", "4140"),
        ];
        let mut found = None;
        for (key, code) in extras {
            if fields.value(key).is_some() {
                found = Some((key, code));
            }
        }
        if let Some(url) = fields.nullable("receiptUrl")
            && url.as_str().is_none_or(|url| read_url(url).is_none())
        {
            fields.refuse("receiptUrl", "must be an absolute https URL");
        }
        Self { found }
    }

    fn check(&self) -> Result<(), Problem> {
        match self.found {
            None => Ok(()),
            Some((key, code)) => Err(Problem::code(
                code,
                format!("This sales unit may not use {key}."),
            )),
        }
    }
}

fn check_currency(sent: &str, of_market: Currency) -> Result<(), Problem> {
    if sent == of_market.code() {
        Ok(())
    } else {
        let text = format!("This sales unit is paid in {}.", of_market.code());
        Err(Problem::code("5040", text))
    }
}

fn check_scope(scope: Option<&str>) -> Result<Vec<&'static str>, Problem> {
    let Some(scope) = scope else {
        return Ok(Vec::new());
    };
    let scope = read_scope(scope)
        .ok_or_else(|| Problem::code("4080", "The scope has a word that is not known."))?;
    if scope.contains(&"nin") {
        return Err(Problem::code(
            "5030",
            "This sales unit may not ask for nin.",
        ));
    }
    Ok(scope)
}

fn check_return_url(url: Option<&str>) -> Result<url::Url, Problem> {
    let url = url.ok_or_else(|| Problem::code("4140", "WEB_REDIRECT needs a returnUrl."))?;
    read_url(url).ok_or_else(|| {
        Problem::code(
            "4090",
            "returnUrl must be an https URL (http only for this machine).",
        )
    })
}

fn check_metadata(metadata: Option<&Value>) -> Result<(), Problem> {
    let Some(metadata) = metadata else {
        return Ok(());
    };
    let empty = Map::new();
    let pairs = metadata.as_object().unwrap_or(&empty);
    if !metadata.is_object() || pairs.values().any(|value| !value.is_string()) {
        return Err(Problem::code("4130", "metadata is an object of texts."));
    }
    if pairs.len() > 5 {
        return Err(Problem::code("4100", "metadata has at most 5 entries."));
    }
    if pairs.keys().any(|key| key.chars().count() > 100) {
        return Err(Problem::code(
            "4120",
            "A key of metadata has at most 100 characters.",
        ));
    }
    let long = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.chars().count() > 500)
    };
    if pairs.values().any(long) {
        return Err(Problem::code(
            "4130",
            "A value of metadata has at most 500 characters.",
        ));
    }
    Ok(())
}
