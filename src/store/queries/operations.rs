//! Attempts on payments.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use mcpay_port::{OperationId, PaymentRef};

use super::{Conn, End, Failure, finish, start};
use crate::payments::backoff::backoff;
use crate::payments::operation::{NewOperation, OperationOutcome, StoredOperation};
use crate::store::rows::operation::{NewOperationRow, OperationRow, OutcomeRow};
use crate::store::rows::{currency, stored};
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

/// Who takes an operation has it for at least this long: longer than provider calls take.
const TAKEN_FOR: TimeDelta = TimeDelta::seconds(60);

pub async fn claim_due_operations(
    conn: &mut Conn,
    now: DateTime<Utc>,
    of: Option<PaymentRef>,
    limit: i64,
) -> Result<Vec<StoredOperation>, Failure> {
    start(conn).await?;
    let work = claim_due_operations_in(conn, now, of, limit).await;
    finish(conn, work).await
}

/// Rows that another instance is claiming at this moment are skipped, not waited for.
async fn claim_due_operations_in(
    conn: &mut Conn,
    now: DateTime<Utc>,
    of: Option<PaymentRef>,
    limit: i64,
) -> Result<End<Vec<StoredOperation>>, Failure> {
    let of_any = of.is_none().into_sql::<Bool>();
    let of = of
        .map(|reference| reference.to_string())
        .unwrap_or_default();
    let due: Vec<OperationRow> = skip_locked!(
        operations::table
            .filter(operations::due_at.le(stored(now)))
            .filter(of_any.or(operations::mcpay_ref.eq(of)))
            .order(operations::due_at)
            .limit(limit)
            .select(OperationRow::as_select())
    )
    .load(conn)
    .await?;
    let mut claimed = Vec::with_capacity(due.len());
    for mut row in due {
        let wait = backoff(row.tries).max(TAKEN_FOR);
        row.tries = row.tries.saturating_add(1);
        row.due_at = Some(stored(now + wait));
        diesel::update(operations::table.filter(operations::id.eq(&row.id)))
            .set((
                operations::tries.eq(row.tries),
                operations::due_at.eq(row.due_at),
            ))
            .execute(conn)
            .await?;
        let code: String = payments::table
            .filter(payments::mcpay_ref.eq(&row.mcpay_ref))
            .select(payments::currency)
            .first(conn)
            .await?;
        claimed.push(row.read(currency(&code, "payments.currency")?)?);
    }
    Ok(End::Commit(claimed))
}

/// One that has come to its end meanwhile is not due, and stays so.
pub async fn postpone_operation(
    conn: &mut Conn,
    operation: OperationId,
    until: DateTime<Utc>,
) -> Result<(), Failure> {
    diesel::update(operations::table)
        .filter(operations::id.eq(operation.to_string()))
        .filter(operations::due_at.lt(stored(until)))
        .set(operations::due_at.eq(stored(until)))
        .execute(conn)
        .await?;
    Ok(())
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
