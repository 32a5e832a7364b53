//! What a capture and a refund have in common: their body, and the payment that they are of.

use std::sync::MutexGuard;

use super::FAMILY;
use super::create::read_amount;
use super::payment::Payment;
use crate::sandbox::api::Call;
use crate::sandbox::fields::{Fields, Wrong};
use crate::sandbox::problem::Problem;
use crate::sandbox::state::{SharedPayment, locked};

/// The caller's payment of this reference.
///
/// # Errors
/// 404, also for another sales unit's.
pub(crate) fn get(call: &Call<'_>, reference: &str) -> Result<SharedPayment, Problem> {
    call.state
        .books(|books| books.find_payment(call.unit(), reference))
        .ok_or_else(|| {
            let text = format!(
                "The reference {reference} does not exist for MSN {}",
                call.unit()
            );
            Problem::not_found(FAMILY, &text)
        })
}

/// As it stands now.
pub(crate) fn settled<'a>(call: &Call<'_>, shared: &'a SharedPayment) -> MutexGuard<'a, Payment> {
    let mut payment = locked(shared);
    payment.settle(call.state);
    payment
}

/// The amount to capture or refund.
///
/// # Errors
/// 400, also for another currency than the payment's.
pub(crate) fn read(call: &Call<'_>) -> Result<i64, Problem> {
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let (value, currency) = read_amount(&fields, "modificationAmount", 1);
    fields.close();
    wrong.check(FAMILY)?;
    if currency != call.account.currency.code() {
        return Err(Problem::code("4040", "The currency is not the payment's."));
    }
    Ok(value)
}
