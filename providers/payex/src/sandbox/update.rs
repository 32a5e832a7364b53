//! `PATCH` of an order: `UpdateOrder`, `Abort`, `PaymentAttemptAborted`, `SetInstrument`.

use serde_json::Value;

use super::abort;
use super::api::{Answer, Call};
use super::attempt;
use super::create::ROOTS;
use super::fields::{Fields, Wrong};
use super::order::{Operation, Order, Status};
use super::problems::Problem;
use super::state::locked;

/// # Errors
/// 400 for fields, 403 when the operation is not on offer, 404.
pub(crate) fn change(call: &Call<'_>, id: &str) -> Answer {
    let shared = call.get_order(id)?;
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &ROOTS, "PaymentOrder", &wrong)?;
    let mut order = locked(&shared);
    match fields.required("operation") {
        "Abort" => {
            let reason = fields.required("abortReason");
            wrong.check()?;
            abort::abort(&mut order, reason, "Payee")?;
        }
        "PaymentAttemptAborted" => {
            fields.required("abortReason");
            wrong.check()?;
            check_open(&order, "AbortPaymentAttempt")?;
            attempt::abandon(call.state, &mut order);
        }
        "UpdateOrder" => update(&mut order, &fields)?,
        "SetInstrument" => {
            let instrument = fields.required("instrument");
            if instrument != "CreditCard" {
                fields.refuse(
                    "instrument",
                    "names a method that this agreement does not have",
                );
            }
            wrong.check()?;
            check_open(&order, "SetInstrument")?;
            if !order.instrument_mode {
                return Err(Problem::forbidden(
                    "SetInstrument",
                    "The order has no fixed instrument.",
                ));
            }
        }
        _ => {
            fields.refuse(
                "operation",
                "must be UpdateOrder, Abort, PaymentAttemptAborted or SetInstrument",
            );
            wrong.check()?;
        }
    }
    Ok((200, call.render(&order)))
}

fn check_open(order: &Order, what: &str) -> Result<(), Problem> {
    if order.status == Status::Initialized {
        return Ok(());
    }
    Err(Problem::forbidden(
        what,
        format!(
            "This is not possible on a payment order that is {}.",
            order.status.name()
        ),
    ))
}

fn update(order: &mut Order, fields: &Fields<'_>) -> Result<(), Problem> {
    let (amount, vat_amount) = fields.amounts();
    let items = fields.list("orderItems");
    fields.wrong.check()?;
    check_open(order, "UpdateOrder")?;
    if order.operation == Operation::Verify {
        return Err(Problem::forbidden(
            "UpdateOrder",
            "A verification has no amount to change.",
        ));
    }
    if order.challenge.is_some() {
        return Err(Problem::forbidden(
            "UpdateOrder",
            "The payer is paying at this moment.",
        ));
    }
    order.amount = amount;
    order.vat_amount = vat_amount;
    if let Some(items) = items {
        order.items = Some(Value::Array(items.to_vec()));
    }
    order.note("PaymentUpdated", "Payee", None, Some(amount));
    Ok(())
}
