//! Payments themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::PaymentRef;

use super::{Conn, End, Failure, finish, start};
use crate::clients::ClientCode;
use crate::payments::backoff::backoff;
use crate::payments::payment::Payment;
use crate::store::rows::payment::{PaymentRow, PaymentStanding};
use crate::store::rows::stored;
use crate::store::schema::payments;

/// False when the external reference was used before.
pub async fn insert(conn: &mut Conn, payment: &Payment) -> Result<bool, Failure> {
    let written = diesel::insert_into(payments::table)
        .values(PaymentRow::of(payment)?)
        .on_conflict((payments::client_code, payments::external_reference))
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(written == 1)
}

/// False when the payment has another version than the change was made from.
pub async fn update(conn: &mut Conn, payment: &Payment) -> Result<bool, Failure> {
    let next = payment
        .version
        .checked_add(1)
        .ok_or_else(|| Failure::broken("the payment has too many versions"))?;
    let written = diesel::update(payments::table)
        .filter(payments::mcpay_ref.eq(payment.reference.to_string()))
        .filter(payments::version.eq(payment.version))
        .set(PaymentStanding::of(payment, next)?)
        .execute(conn)
        .await?;
    Ok(written == 1)
}

pub async fn find_payment(
    conn: &mut Conn,
    reference: PaymentRef,
) -> Result<Option<Payment>, Failure> {
    payments::table
        .filter(payments::mcpay_ref.eq(reference.to_string()))
        .select(PaymentRow::as_select())
        .first(conn)
        .await
        .optional()?
        .map(PaymentRow::read)
        .transpose()
}

pub async fn is_reference_used(
    conn: &mut Conn,
    client: &ClientCode,
    external_reference: &str,
) -> Result<bool, Failure> {
    let used = payments::table
        .filter(payments::client_code.eq(client.as_str()))
        .filter(payments::external_reference.eq(external_reference));
    Ok(diesel::select(diesel::dsl::exists(used))
        .get_result(conn)
        .await?)
}

pub async fn claim_due_inquiries(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<PaymentRef>, Failure> {
    start(conn).await?;
    let work = claim_due_inquiries_in(conn, now, limit).await;
    finish(conn, work).await
}

/// The back-off, but not past the moment at which an unfinished payment is closed.
fn next_inquiry(now: DateTime<Utc>, inquiries: i32, pay_before: NaiveDateTime) -> NaiveDateTime {
    let next = stored(now + backoff(inquiries));
    if pay_before > stored(now) {
        next.min(pay_before)
    } else {
        next
    }
}

/// Rows that another instance is claiming at this moment are skipped, not waited for. The version
/// stays as it is: nothing that anybody decides by has changed.
async fn claim_due_inquiries_in(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<End<Vec<PaymentRef>>, Failure> {
    let due: Vec<(String, i32, NaiveDateTime)> = skip_locked!(
        payments::table
            .filter(payments::inquire_at.le(stored(now)))
            .order(payments::inquire_at)
            .limit(limit)
            .select((
                payments::mcpay_ref,
                payments::inquiries,
                payments::pay_before,
            ))
    )
    .load(conn)
    .await?;
    let mut by_wait: BTreeMap<(i32, NaiveDateTime), Vec<&str>> = BTreeMap::new();
    for (reference, inquiries, pay_before) in &due {
        let next = next_inquiry(now, *inquiries, *pay_before);
        by_wait
            .entry((*inquiries, next))
            .or_default()
            .push(reference);
    }
    // Most waits depend only on how often was asked, so there are few different ones.
    for ((inquiries, next), references) in by_wait {
        diesel::update(payments::table)
            .filter(payments::mcpay_ref.eq_any(references))
            .set((
                payments::inquiries.eq(inquiries.saturating_add(1)),
                payments::inquire_at.eq(next),
            ))
            .execute(conn)
            .await?;
    }
    let claimed = due
        .iter()
        .map(|(reference, _, _)| {
            let unreadable = |_| Failure::broken("payments.mcpay_ref holds no reference");
            reference.parse().map_err(unreadable)
        })
        .collect::<Result<_, _>>()?;
    Ok(End::Commit(claimed))
}
