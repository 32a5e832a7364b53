//! `POST /psp/paymentorders` with `Recur` or `UnscheduledPurchase`: a charge without the payer,
//! against a token that an earlier order made. It is only authorised; the merchant captures.
//!
//! No callback is sent for it: the answer of the call is all there is.

use chrono::Utc;
use uuid::Uuid;

use super::api::{Answer, Call};
use super::create::{ROOTS, read_order};
use super::fields::{Fields, Wrong};
use super::order::{Operation, Order, Paid, Status};
use super::outcomes;
use super::problems::Problem;
use super::state::locked;
use super::tokens::{Kind, Stored};

/// Charges the token's card.
///
/// # Errors
/// 400 for fields and malformed tokens, 404 for unknown tokens, 422 for deleted ones, 403 when the
/// card is declined.
pub(crate) fn charge(call: &Call<'_>) -> Answer {
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &ROOTS, "PaymentOrder", &wrong)?;
    let (operation, kind, key) = if fields.required("operation") == "Recur" {
        (Operation::Recur, Kind::Recurrence, "recurrenceToken")
    } else {
        (
            Operation::UnscheduledPurchase,
            Kind::Unscheduled,
            "unscheduledToken",
        )
    };
    let mut order = read_order(call, &fields, operation)?;
    order.urls.callback = fields.child("urls").url("callbackUrl");
    let payer = fields.child("payer");
    let payer_reference = payer.required("payerReference");
    let token = fields.required(key);
    let id = Uuid::parse_str(token).ok();
    if id.is_none() && !token.is_empty() {
        fields.refuse(key, "must be a GUID");
    }
    wrong.check()?;
    let stored = find(call, kind, id.unwrap_or_default())?;
    if stored.payer_reference.as_deref() != Some(payer_reference) {
        return Err(Problem::field(
            "PaymentOrder.Payer.PayerReference",
            "The given PayerReference is not the one that the token was made with.",
        ));
    }
    call.state.use_reference(
        &order.payee_id,
        &order.payee_reference,
        "PaymentOrder.PayeeInfo.PayeeReference",
    )?;
    order.note("PaymentCreated", "Payee", None, None);
    attempt(call, order, &stored)
}

fn find(call: &Call<'_>, kind: Kind, id: Uuid) -> Result<Stored, Problem> {
    let tokens = locked(&call.state.tokens);
    let stored = tokens.find(id).filter(|stored| stored.kind == kind);
    let stored = stored.filter(|stored| call.access.owns(&stored.payee_id));
    let stored = stored.ok_or_else(|| kind.unknown())?;
    if stored.deleted {
        Err(kind.inactive())
    } else {
        Ok(stored.clone())
    }
}

fn attempt(call: &Call<'_>, mut order: Order, stored: &Stored) -> Answer {
    let number = call.state.next_number();
    let amount = order.amount;
    order.note("PaymentAttemptStarted", "Payee", Some(number), Some(amount));
    let refused = locked(&call.state.tokens)
        .find_mut(stored.token)
        .and_then(|stored| outcomes::of_charge(amount, stored));
    if let Some(problem) = refused {
        order.status = Status::Failed;
        order.failed = Some(problem.clone());
        order.note("PaymentAttemptFailed", "Payee", Some(number), Some(amount));
        call.state.keep(order);
        return Err(problem);
    }
    order.status = Status::Paid;
    order.paid = Some(Paid {
        number,
        at: Utc::now(),
        card: stored.card,
        expiry: stored.expiry.clone(),
        transaction_type: "Authorization",
        acquirer_type: "STANDARD",
        initiator: "MERCHANT",
        amount,
        tokens: Vec::new(),
    });
    order.note("PaymentPaid", "Payee", Some(number), Some(amount));
    let answer = call.render(&order);
    call.state.keep(order);
    Ok((201, answer))
}
