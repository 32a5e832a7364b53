//! Attempts on payments.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::PaymentRef;

use super::{Conn, Failure};
use crate::payments::operation::{NewOperation, OperationOutcome, StoredOperation};
use crate::store::rows::currency;
use crate::store::rows::operation::{NewOperationRow, OperationRow, OutcomeRow};
use crate::store::schema::{operations, payments};

pub async fn insert(conn: &mut Conn, operation: &NewOperation) -> Result<(), Failure> {
    diesel::insert_into(operations::table)
        .values(NewOperationRow::of(operation)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// # Errors
/// Broken when the payment has no such operation: an outcome must never be lost.
pub async fn finish_operation(
    conn: &mut Conn,
    payment: PaymentRef,
    outcome: &OperationOutcome,
) -> Result<(), Failure> {
    let written = diesel::update(operations::table)
        .filter(operations::id.eq(outcome.operation.id.to_string()))
        .filter(operations::mcpay_ref.eq(payment.to_string()))
        .set(OutcomeRow::of(outcome))
        .execute(conn)
        .await?;
    if written == 1 {
        Ok(())
    } else {
        Err(Failure::broken("the payment has no such operation"))
    }
}

/// Operations of a payment, newest first.
pub async fn find_operations(
    conn: &mut Conn,
    payment: PaymentRef,
) -> Result<Vec<StoredOperation>, Failure> {
    operations::table
        .inner_join(payments::table)
        .filter(operations::mcpay_ref.eq(payment.to_string()))
        .order((operations::requested_at.desc(), operations::id.desc()))
        .select((OperationRow::as_select(), payments::currency))
        .load::<(OperationRow, String)>(conn)
        .await?
        .into_iter()
        .map(|(row, code)| row.read(currency(&code, "payments.currency")?))
        .collect()
}
