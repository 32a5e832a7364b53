//! The `checkout` of a create: where the payer pays, and who it is.

use serde_json::{Map, Value, json};

use super::fields::{PLAIN, Part};
use super::payment::Place;
use super::problem::Wrong;

/// The consumer as the merchant told it, in the form of the provider's answers.
#[derive(Clone, Default)]
pub(crate) struct Consumer {
    pub(crate) person: Map<String, Value>,
    pub(crate) company: Map<String, Value>,
    pub(crate) phone: Option<Value>,
    pub(crate) shipping: Map<String, Value>,
    pub(crate) billing: Map<String, Value>,
}

pub(crate) struct Checkout {
    pub(crate) place: Place,
    pub(crate) charges_at_once: bool,
    pub(crate) consumer: Consumer,
}

pub(crate) fn read(body: &Part<'_>, wrong: &mut Wrong) -> Option<Checkout> {
    let checkout = body.get(wrong, "checkout")?;
    if checkout.get(wrong, "termsUrl").is_some() {
        checkout.url(wrong, "termsUrl");
    }
    for name in ["merchantTermsUrl", "cancelUrl", "url", "returnUrl"] {
        checkout.url(wrong, name);
    }
    for name in ["publicDevice", "merchantHandlesConsumerData"] {
        checkout.flag(wrong, name);
    }
    checkout.country(wrong, "countryCode");
    let consumer = checkout
        .find("consumer")
        .map(|part| consumer(&part, wrong))
        .unwrap_or_default();
    Some(Checkout {
        charges_at_once: checkout.flag(wrong, "charge").unwrap_or_default(),
        place: place(&checkout, wrong)?,
        consumer,
    })
}

fn place(checkout: &Part<'_>, wrong: &mut Wrong) -> Option<Place> {
    let kind = checkout.text(wrong, "integrationType", PLAIN);
    // What is not a URL was refused above already.
    let mut unheard = Wrong::default();
    match kind.unwrap_or("EmbeddedCheckout") {
        "EmbeddedCheckout" => {
            checkout.get(wrong, "url")?;
            Some(Place::Embedded(checkout.url(&mut unheard, "url")?))
        }
        "HostedPaymentPage" => {
            checkout.get(wrong, "returnUrl")?;
            Some(Place::Hosted {
                return_url: checkout.url(&mut unheard, "returnUrl")?,
                cancel_url: checkout.url(&mut unheard, "cancelUrl"),
            })
        }
        _ => {
            let text =
                "It must be EmbeddedCheckout or HostedPaymentPage, in exactly these letters.";
            wrong.add(checkout.path_of("integrationType"), text);
            None
        }
    }
}

fn consumer(part: &Part<'_>, wrong: &mut Wrong) -> Consumer {
    let mut consumer = Consumer::default();
    if part.find("privatePerson").is_some() && part.find("company").is_some() {
        let text = "A consumer is a private person or a company, not both.";
        wrong.add(&part.path, text);
    }
    if let Some(person) = part.find("privatePerson") {
        copy(
            &person,
            wrong,
            &["firstName", "lastName"],
            &mut consumer.person,
        );
    }
    if let Some(company) = part.find("company") {
        copy(&company, wrong, &["name"], &mut consumer.company);
    }
    let mut own = Map::new();
    copy(part, wrong, &["reference", "email"], &mut own);
    if let Some(reference) = own.remove("reference") {
        own.insert("merchantReference".to_owned(), reference);
    }
    if consumer.company.is_empty() {
        consumer.person.append(&mut own);
    }
    consumer.phone = part
        .find("phoneNumber")
        .and_then(|phone| self::phone(&phone, wrong));
    for (name, target) in [
        ("shippingAddress", &mut consumer.shipping),
        ("billingAddress", &mut consumer.billing),
    ] {
        if let Some(given) = part.find(name) {
            address(&given, wrong, target);
        }
    }
    consumer
}

fn copy(part: &Part<'_>, wrong: &mut Wrong, names: &[&str], target: &mut Map<String, Value>) {
    for name in names {
        if let Some(text) = part.text(wrong, name, PLAIN) {
            target.insert((*name).to_owned(), json!(text));
        }
    }
}

fn phone(phone: &Part<'_>, wrong: &mut Wrong) -> Option<Value> {
    let prefix = phone.get_text(wrong, "prefix", PLAIN)?;
    let number = phone.get_text(wrong, "number", PLAIN)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let country = prefix.strip_prefix('+').unwrap_or_default();
    if !(1..=3).contains(&country.len()) || !digits(country) {
        wrong.add(
            phone.path_of("prefix"),
            "It must be + and one to three digits.",
        );
    }
    if !digits(number) {
        wrong.add(phone.path_of("number"), "It must be digits only.");
    }
    Some(json!({ "prefix": prefix, "number": number }))
}

fn address(address: &Part<'_>, wrong: &mut Wrong, target: &mut Map<String, Value>) {
    for name in ["addressLine1", "postalCode", "city", "country"] {
        address.get_text(wrong, name, PLAIN);
    }
    let country = address.country(wrong, "country").unwrap_or_default();
    let code = address.text(wrong, "postalCode", PLAIN).unwrap_or_default();
    let fits = match country {
        "NOR" | "DNK" => is_digits(code, 4),
        "SWE" => is_digits(code, 5),
        _ => (1..=12).contains(&code.len()) && !code.contains(' '),
    };
    if !fits {
        wrong.add(
            address.path_of("postalCode"),
            "It is not one of this country.",
        );
    }
    let names = [
        "addressLine1",
        "addressLine2",
        "postalCode",
        "city",
        "country",
    ];
    copy(address, &mut Wrong::default(), &names, target);
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}
