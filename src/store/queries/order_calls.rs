//! Calls to merchants about orders that have ended.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, End, Failure, finish, start};
use crate::orders::call_back::is_tried_again;
use crate::orders::order::{OrderId, OrderStatus};
use crate::orders::ports::DueCall;
use crate::payments::backoff::backoff;
use crate::store::rows::stored;
use crate::store::schema::{order_callbacks, orders};

pub async fn claim_due_calls(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DueCall>, Failure> {
    start(conn).await?;
    let work = claim_due_calls_in(conn, now, limit).await;
    finish(conn, work).await
}

/// Rows that another instance is claiming at this moment are skipped, not waited for.
async fn claim_due_calls_in(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<End<Vec<DueCall>>, Failure> {
    let due: Vec<(i64, String, i32)> = skip_locked!(
        order_callbacks::table
            .filter(order_callbacks::due_at.le(stored(now)))
            .order(order_callbacks::due_at)
            .limit(limit)
            .select((
                order_callbacks::order_id,
                order_callbacks::url,
                order_callbacks::tries,
            ))
    )
    .load(conn)
    .await?;
    let mut calls = Vec::new();
    for (id, url, tries) in due {
        let next = is_tried_again(tries.saturating_add(1)).then(|| stored(now + backoff(tries)));
        diesel::update(order_callbacks::table)
            .filter(order_callbacks::order_id.eq(id))
            .set((
                order_callbacks::tries.eq(tries.saturating_add(1)),
                order_callbacks::due_at.eq(next),
            ))
            .execute(conn)
            .await?;
        let status: String = orders::table
            .filter(orders::order_id.eq(id))
            .select(orders::status)
            .first(conn)
            .await?;
        let unreadable = || Failure::broken("orders holds a value that is not known");
        calls.push(DueCall {
            order: OrderId::new(id).ok_or_else(unreadable)?,
            status: OrderStatus::from_name(&status).ok_or_else(unreadable)?,
            url,
            tries,
        });
    }
    Ok(End::Commit(calls))
}

pub async fn finish_call(
    conn: &mut Conn,
    order: OrderId,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    diesel::update(order_callbacks::table)
        .filter(order_callbacks::order_id.eq(order.get()))
        .set((
            order_callbacks::delivered_at.eq(stored(at)),
            order_callbacks::due_at.eq(None::<chrono::NaiveDateTime>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
