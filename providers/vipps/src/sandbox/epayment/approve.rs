//! `POST /test/payments/{reference}/approve`: the test environment approves in the payer's place.
//! It does not look at the amounts that end badly, and neither does the provider's.

use super::{FAMILY, modification};
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::fields::{Fields, Wrong};
use crate::sandbox::person::is_phone;
use crate::sandbox::problem::Problem;

/// # Errors
/// 400 with a code, 404.
pub(crate) fn approve(call: &Call<'_>, reference: &str) -> Answer {
    let shared = modification::get(call, reference)?;
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let token = fields.text("token", 1..=2000);
    let phone = fields.find_object("customer").map(|customer| {
        let phone = customer.required_text("phoneNumber", 0..=100);
        customer.close();
        phone
    });
    fields.close();
    if token.is_some() == phone.is_some() {
        wrong.add("customer", "send either customer or token");
    }
    wrong.check(FAMILY)?;
    if phone.is_some_and(|phone| !is_phone(phone)) {
        return Err(Problem::code("4070", "A phone number is 10 to 15 digits."));
    }
    let mut payment = modification::settled(call, &shared);
    if token.is_some_and(|token| token != payment.landing) {
        return Err(Problem::code("10010", "The token is not this payment's."));
    }
    if !payment.is_open() {
        let text = format!("The payment is {}.", payment.status.name());
        return Err(Problem::code("6230", text));
    }
    if let Some(phone) = phone {
        payment.visit.phone = Some(phone.to_owned());
    }
    payment.authorize(call.state);
    Ok(Reply::empty(200))
}
