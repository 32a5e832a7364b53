//! `POST /psp/paymentorders` with `Purchase` or `Verify`: an order for a payer to pay.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use mcpay_port::Currency;
use mcpay_sandbox::{Asked, Seen};
use serde_json::{Value, json};
use uuid::Uuid;

use super::api::{Answer, Call};
use super::attempt;
use super::fields::{Fields, Wrong};
use super::order::{Generate, Operation, Order, Urls};
use super::problems::Problem;
use super::state::locked;

/// Both spellings of the root are in use, and both are taken.
pub(crate) const ROOTS: [&str; 2] = ["paymentorder", "paymentOrder"];
const LANGUAGES: [&str; 13] = [
    "da-DK", "de-DE", "et-EE", "en-US", "es-ES", "fi-FI", "fr-FR", "lt-LT", "lv-LV", "nb-NO",
    "pl-PL", "ru-RU", "sv-SE",
];
/// What card agreements settle in.
const CURRENCIES: [&str; 11] = [
    "SEK", "NOK", "DKK", "EUR", "USD", "GBP", "CHF", "PLN", "CZK", "CAD", "AUD",
];
/// A payer who approves by itself takes this long, so that the order is first seen open.
const AUTO_APPROVE_AFTER: Duration = Duration::from_millis(100);

fn root(body: &Value) -> Option<&Value> {
    ROOTS.iter().find_map(|key| body.get(key))
}

/// Whether the body asks for a charge without the payer.
pub(crate) fn is_charge(body: &Value) -> bool {
    let operation = root(body)
        .and_then(|order| order.get("operation"))
        .and_then(Value::as_str);
    matches!(operation, Some("Recur" | "UnscheduledPurchase"))
}

/// What is recorded of a create, also when it is then refused.
pub(crate) fn seen(body: &Value) -> Option<Seen> {
    let asked = if is_charge(body) {
        Asked::Charge
    } else {
        Asked::Initiate
    };
    let payee = root(body)?.get("payeeInfo")?;
    let reference = payee.get("orderReference")?.as_str()?;
    let key = payee.get("payeeReference").and_then(Value::as_str);
    Some(Seen::new(asked, reference, key))
}

/// Makes the order.
///
/// # Errors
/// 400 with every field that is missing or wrong, 403 for another account's payee.
pub(crate) fn create(call: &Call<'_>) -> Answer {
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &ROOTS, "PaymentOrder", &wrong)?;
    let operation = match fields.required("operation") {
        "Purchase" => Operation::Purchase,
        "Verify" => Operation::Verify,
        _ => {
            fields.refuse(
                "operation",
                "must be Purchase, Verify, Recur or UnscheduledPurchase",
            );
            wrong.check()?;
            Operation::Purchase
        }
    };
    let mut order = read_order(call, &fields, operation)?;
    order.urls = read_urls(&fields.child("urls"));
    order.generate = read_generate(&fields, &order);
    check_details(&fields);
    wrong.check()?;
    call.state.use_reference(
        &order.payee_id,
        &order.payee_reference,
        "PaymentOrder.PayeeInfo.PayeeReference",
    )?;
    order.auto_approve = call.state.stage.controls().auto_approve;
    order.note("PaymentCreated", "Payee", None, None);
    let answer = call.render(&order);
    let approves = order.auto_approve;
    let shared = call.state.keep(order);
    if approves {
        let state = Arc::clone(call.state);
        call.state.stage.tasks.spawn(async move {
            tokio::time::sleep(AUTO_APPROVE_AFTER).await;
            attempt::approve_by_itself(&state, &mut locked(&shared));
        });
    }
    Ok((201, answer))
}

/// The fields that every kind of order has. What is wrong is collected; only a foreign payee is
/// refused at once.
pub(crate) fn read_order(
    call: &Call<'_>,
    fields: &Fields<'_>,
    operation: Operation,
) -> Result<Order, Problem> {
    let payee = fields.child("payeeInfo");
    let payee_id = payee.required("payeeId");
    if !payee_id.is_empty() && !call.access.owns(payee_id) {
        return Err(Problem::foreign_payee());
    }
    let payee_reference = payee.payee_reference().to_owned();
    let person = fields.child("payer");
    check_payer(&person);
    let currency = fields.required("currency");
    let known = CURRENCIES.contains(&currency) && Currency::from_code(currency).is_some();
    if !currency.is_empty() && !known {
        fields.refuse("currency", "is not a currency of this agreement");
    }
    let (amount, vat_amount) = if operation == Operation::Verify {
        no_amounts(fields)
    } else {
        fields.amounts()
    };
    fields.required("userAgent");
    let language = fields.required("language");
    let language = if LANGUAGES.contains(&language) {
        language
    } else {
        "en-US"
    };
    let instrument = fields.text("instrument");
    if instrument.is_some_and(|instrument| instrument != "CreditCard") {
        fields.refuse(
            "instrument",
            "names a method that this agreement does not have",
        );
    }
    check_restriction(fields);
    let now = Utc::now();
    Ok(Order {
        id: Uuid::new_v4(),
        view_token: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
        created_at: now,
        updated_at: now,
        operation,
        currency: currency.to_owned(),
        amount,
        vat_amount,
        description: fields.required_bounded("description", 40).to_owned(),
        system_user_agent: call.user_agent.to_owned(),
        language: language.to_owned(),
        instrument_mode: instrument.is_some(),
        payee_id: payee_id.to_owned(),
        payee_reference,
        payee_name: payee.text("payeeName").map(str::to_owned),
        product_category: payee.bounded("productCategory", 50).map(str::to_owned),
        merchant_reference: payee.bounded("orderReference", 50).map(str::to_owned),
        payer_reference: person.text("payerReference").map(str::to_owned),
        items: read_items(fields).map(|items| Value::Array(items.to_vec())),
        metadata: read_metadata(fields),
        ..Order::default()
    })
}

/// A verification charges nothing, so an amount in it is a mistake.
fn no_amounts(fields: &Fields<'_>) -> (i64, i64) {
    for key in ["amount", "vatAmount"] {
        if fields.integer(key).is_some_and(|amount| amount != 0) {
            fields.refuse(key, "cannot be used with the Verify operation");
        }
    }
    (0, 0)
}

fn read_urls(urls: &Fields<'_>) -> Urls {
    let hosts = urls.list("hostUrls").unwrap_or_default();
    if hosts.is_empty() {
        urls.refuse("hostUrls", "is required");
    }
    let mut allowed = Vec::with_capacity(hosts.len());
    for host in hosts {
        match host.as_str().and_then(super::fields::read_url) {
            Some(url) => allowed.push(url),
            None => urls.refuse(
                "hostUrls",
                "must hold absolute https URLs (http only for this machine)",
            ),
        }
    }
    let read = Urls {
        hosts: allowed,
        complete: urls.required_url("completeUrl"),
        cancel: urls.url("cancelUrl"),
        payment: urls.url("paymentUrl"),
        callback: urls.url("callbackUrl"),
        logo: urls.url("logoUrl"),
        terms: urls.url("termsOfServiceUrl"),
    };
    // A redirect needs the first, a seamless view the second; which of them will be opened is not
    // known yet, but without both neither can be.
    if urls.value("cancelUrl").is_none() && urls.value("paymentUrl").is_none() {
        urls.refuse("cancelUrl", "is required when there is no PaymentUrl");
    }
    read
}

fn read_generate(fields: &Fields<'_>, order: &Order) -> Generate {
    let generate = Generate {
        recurrence: fields.flag("generateRecurrenceToken"),
        unscheduled: fields.flag("generateUnscheduledToken"),
        payment: fields.flag("generatePaymentToken"),
    };
    if generate.any() && order.payer_reference.is_none() {
        fields
            .child("payer")
            .refuse("payerReference", "is required when a token is generated");
    }
    generate
}

fn check_details(fields: &Fields<'_>) {
    let consent = fields.flag("enablePaymentDetailsConsentCheckbox");
    if consent && !fields.flag("disableStoredPaymentDetails") {
        fields.wrong.add(
            fields.name("enablePaymentDetailsConsentCheckbox"),
            "EnablePaymentDetailsConsentCheckbox cannot be used without \
             DisableStoredPaymentDetails.",
        );
    }
}

fn check_restriction(fields: &Fields<'_>) {
    let Some(instruments) = fields.list("restrictedToInstruments") else {
        return;
    };
    if !instruments
        .iter()
        .any(|instrument| instrument.as_str() == Some("CreditCard"))
    {
        fields.refuse(
            "restrictedToInstruments",
            "leaves no method that this agreement has",
        );
    }
}

/// Phone numbers in international form: a plus and 8 to 15 digits.
fn check_payer(payer: &Fields<'_>) {
    for key in ["msisdn", "workPhoneNumber", "homePhoneNumber"] {
        let Some(phone) = payer.text(key) else {
            continue;
        };
        let digits = phone.strip_prefix('+').unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            payer.refuse(key, "must match the regular expression '^[+][0-9]+$'");
        } else if !(8..=15).contains(&digits.len()) {
            payer.refuse(key, "is not valid, it must have 8 to 15 digits");
        }
    }
    if payer
        .text("email")
        .is_some_and(|email| !email.contains('@'))
    {
        payer.refuse("email", "is not a valid e-mail address");
    }
}

fn read_items<'a>(fields: &Fields<'a>) -> Option<&'a [Value]> {
    let items = fields.list("orderItems")?;
    for item in items {
        let long = item.get("description").and_then(Value::as_str);
        if long.is_some_and(|text| text.chars().count() > 40) {
            fields.refuse(
                "orderItems",
                "has an item whose Description is over 40 characters long",
            );
        }
        let class = item
            .get("class")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !class
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        {
            fields.refuse(
                "orderItems",
                "has an item whose Class does not match '[\\w-]*'",
            );
        }
    }
    Some(items)
}

fn read_metadata(fields: &Fields<'_>) -> Option<Value> {
    let metadata = fields.value("metadata")?;
    let flat = metadata.as_object().is_some_and(|map| {
        map.values()
            .all(|value| !value.is_object() && !value.is_array())
    });
    if !flat {
        fields.refuse("metadata", "must be a flat object");
    }
    Some(json!(metadata))
}
