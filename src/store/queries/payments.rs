//! Payments themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::PaymentRef;

use super::{Conn, End, Failure, finish, start};
use crate::clients::ClientCode;
use crate::payments::backoff::Polls;
use crate::payments::payment::Payment;
use crate::store::rows::payment::{PaymentRow, PaymentStanding};
use crate::store::rows::{parsed, stored};
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
    polls: &Polls,
) -> Result<Vec<PaymentRef>, Failure> {
    start(conn).await?;
    let work = claim_due_inquiries_in(conn, now, limit, polls).await;
    finish(conn, work).await
}

/// What decides when a payment comes due again.
#[derive(Queryable, Selectable)]
#[diesel(table_name = payments)]
struct DueRow {
    mcpay_ref: String,
    method: String,
    inquiries: i32,
    pay_before: NaiveDateTime,
    charge_of: Option<String>,
    provider_ref: Option<String>,
}

impl DueRow {
    /// The wait of its method, but not past the moment at which an unfinished payment is closed.
    /// Nobody waits for the payer of a charge, and what was not found yet may be costly to look for.
    fn next_inquiry(&self, now: DateTime<Utc>, polls: &Polls) -> Result<NaiveDateTime, Failure> {
        let is_awaited = self.charge_of.is_none() && self.provider_ref.is_some();
        let method = parsed(&self.method, "payments.method")?;
        let next = stored(now + polls.next(method, self.inquiries, is_awaited));
        Ok(if self.pay_before > stored(now) {
            next.min(self.pay_before)
        } else {
            next
        })
    }
}

/// Rows that another instance is claiming at this moment are skipped, not waited for. The version
/// stays as it is: nothing that anybody decides by has changed.
async fn claim_due_inquiries_in(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
    polls: &Polls,
) -> Result<End<Vec<PaymentRef>>, Failure> {
    let due: Vec<DueRow> = skip_locked!(
        payments::table
            .filter(payments::inquire_at.le(stored(now)))
            .order(payments::inquire_at)
            .limit(limit)
            .select(DueRow::as_select())
    )
    .load(conn)
    .await?;
    let mut by_wait: BTreeMap<(i32, NaiveDateTime), Vec<&str>> = BTreeMap::new();
    for row in &due {
        let next = row.next_inquiry(now, polls)?;
        by_wait
            .entry((row.inquiries, next))
            .or_default()
            .push(&row.mcpay_ref);
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
        .map(|row| parsed(&row.mcpay_ref, "payments.mcpay_ref"))
        .collect::<Result<_, _>>()?;
    Ok(End::Commit(claimed))
}
