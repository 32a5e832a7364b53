//! What captures, cancellations and reversals have in common: the body, its reference, and what is
//! noted when they succeed or fail.

use chrono::Utc;
use uuid::Uuid;

use super::api::Call;
use super::callbacks;
use super::fields::{Fields, Wrong};
use super::order::{FailedPostPurchase, Order, Transaction};
use super::problems::Problem;

/// The fields of a transaction's body.
pub(crate) struct Body {
    pub(crate) description: String,
    pub(crate) amount: i64,
    pub(crate) vat_amount: i64,
    pub(crate) payee_reference: String,
    pub(crate) receipt_reference: Option<String>,
}

impl Body {
    /// # Errors
    /// 400 with everything that is missing or wrong.
    pub(crate) fn read(call: &Call<'_>, has_amount: bool) -> Result<Self, Problem> {
        let wrong = Wrong::default();
        let fields = Fields::root(call.body, &["transaction"], "Transaction", &wrong)?;
        let (amount, vat_amount) = if has_amount { fields.amounts() } else { (0, 0) };
        let body = Self {
            description: fields.required_bounded("description", 40).to_owned(),
            amount,
            vat_amount,
            payee_reference: fields.payee_reference().to_owned(),
            receipt_reference: fields.bounded("receiptReference", 50).map(str::to_owned),
        };
        wrong.check()?;
        Ok(body)
    }
}

/// Uses up the transaction's reference.
///
/// # Errors
/// 400, when it has been used before.
pub(crate) fn use_reference(
    call: &Call<'_>,
    order: &mut Order,
    body: &Body,
) -> Result<(), Problem> {
    call.state
        .use_reference(&order.payee_id, &body.payee_reference, "PayeeReference")?;
    order.used_references.push(body.payee_reference.clone());
    Ok(())
}

/// Notes a transaction that happened, and tells the merchant.
pub(crate) fn succeed(
    call: &Call<'_>,
    order: &mut Order,
    kind: &'static str,
    event: &'static str,
    body: Body,
) {
    let number = call.state.next_number();
    let amount = body.amount;
    order.transactions.push(Transaction {
        id: Uuid::new_v4(),
        at: Utc::now(),
        kind,
        number,
        amount,
        vat_amount: body.vat_amount,
        description: body.description,
        payee_reference: body.payee_reference,
        receipt_reference: body.receipt_reference,
    });
    order.note(event, "Payee", Some(number), Some(amount));
    callbacks::tell(call.state, order, number);
}

/// Notes a transaction that was refused, and tells the merchant.
pub(crate) fn fail(
    call: &Call<'_>,
    order: &mut Order,
    kind: &'static str,
    event: &'static str,
    problem: Problem,
) -> Problem {
    let number = call.state.next_number();
    order.failed_post_purchases.push(FailedPostPurchase {
        at: Utc::now(),
        number,
        kind,
        problem: problem.clone(),
    });
    order.note(event, "Payee", Some(number), None);
    callbacks::tell(call.state, order, number);
    problem
}
