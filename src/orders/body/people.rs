//! The people of an order: payer, receivers, recruiters. They are checked, and kept only in the
//! sealed body.

use super::reader::{Field, Object, Reader};

/// Longest text of a person, characters.
const LONGEST: usize = 255;

/// Members that are texts. `customerNumber` may be a number too.
const TEXTS: [&str; 20] = [
    "companyRegistrationNumber",
    "companyName",
    "department",
    "firstName",
    "middleName",
    "lastName",
    "coAddress",
    "street",
    "streetNumber",
    "entrance",
    "floor",
    "suite",
    "postalCode",
    "postalPlace",
    "postalAddress",
    "postalAddressPostalCode",
    "postalAddressPostalPlace",
    "countryCode",
    "birthDate",
    "sex",
];

/// The payer must be there, have a name, and be reachable. A postal address is not demanded: what
/// is read on a screen needs none.
pub(super) fn check_payer(reader: &mut Reader<'_>) {
    let message = "is required: who pays for the order.";
    match reader.object("payer") {
        Field::Absent => reader.refuse("payer", "required", message),
        Field::Broken => {}
        Field::Given(payer) => {
            let mut reader = reader.within(&payer, "payer");
            check_person(&mut reader, &payer);
            if ["companyName", "lastName"]
                .iter()
                .all(|name| is_empty(&payer, name))
            {
                let message = "is required where there is no companyName.";
                reader.refuse("lastName", "required", message);
            }
            if !is_reachable(&payer) {
                let message = "is required where there are no phoneNumbers.";
                reader.refuse("emails", "required", message);
            }
        }
    }
}

/// Somebody else who has to do with a line, where there is one.
pub(super) fn check_other(reader: &mut Reader<'_>, name: &str) {
    if let Field::Given(person) = reader.object(name) {
        check_person(&mut reader.within(&person, name), &person);
    }
}

fn check_person(reader: &mut Reader<'_>, person: &Object) {
    reader.check_texts(&TEXTS, LONGEST);
    reader.count_texts("emails");
    reader.count_texts("phoneNumbers");
    if customer_number(person).is_none() && person.get("customerNumber").is_some() {
        let message = "must be a JSON string or a whole number.";
        reader.refuse("customerNumber", "invalid", message);
    }
}

/// As a text, however it was written.
pub(super) fn customer_number(person: &Object) -> Option<String> {
    let text = person.get("customerNumber")?;
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole {
        return Some(text.to_owned());
    }
    let text = person.find_text("customerNumber")?;
    (text.chars().count() <= LONGEST).then_some(text)
}

/// Absent or empty; what is broken was told already.
fn is_empty(person: &Object, name: &str) -> bool {
    match person.get(name) {
        None => true,
        Some(text) => text == "\"\"",
    }
}

fn is_reachable(person: &Object) -> bool {
    ["emails", "phoneNumbers"].iter().any(|name| {
        let Some(text) = person.get(name) else {
            return false;
        };
        // What is no list of texts was told already.
        serde_json::from_str::<Vec<String>>(text)
            .map_or(true, |texts| texts.iter().any(|text| !text.is_empty()))
    })
}
