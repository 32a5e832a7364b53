//! Authorised payments that no order has claimed (CONTRACT 8.3).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::PaymentRef;

use super::{Conn, End, Failure, finish, start};
use crate::store::rows::stored;
use crate::store::schema::payments;

/// Who takes a payment has it for this long.
const TAKEN_FOR: TimeDelta = TimeDelta::seconds(60);

pub async fn claim_due_releases(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<PaymentRef>, Failure> {
    start(conn).await?;
    let work = claim_due_releases_in(conn, now, limit).await;
    finish(conn, work).await
}

/// The version stays as it is: nothing that anybody decides by has changed.
async fn claim_due_releases_in(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<End<Vec<PaymentRef>>, Failure> {
    let due: Vec<String> = skip_locked!(
        payments::table
            .filter(payments::release_at.le(stored(now)))
            .order(payments::release_at)
            .limit(limit)
            .select(payments::mcpay_ref)
    )
    .load(conn)
    .await?;
    diesel::update(payments::table)
        .filter(payments::mcpay_ref.eq_any(&due))
        .set(payments::release_at.eq(stored(now + TAKEN_FOR)))
        .execute(conn)
        .await?;
    let claimed = due
        .iter()
        .map(|reference| {
            let unreadable = |_| Failure::broken("payments.mcpay_ref holds no reference");
            reference.parse().map_err(unreadable)
        })
        .collect::<Result<_, _>>()?;
    Ok(End::Commit(claimed))
}
