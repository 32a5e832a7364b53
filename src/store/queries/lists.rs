//! Lists of a client's payments.

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use mcpay_port::PaymentRef;

use super::{Conn, Failure};
use crate::clients::ClientCode;
use crate::payments::payment::{Payment, Status};
use crate::payments::ports::PaymentFilter;
use crate::store::rows::payment::PaymentRow;
use crate::store::rows::stored;
use crate::store::schema::payments;

/// Newest first; payments of one moment by their references, so that every page begins where the
/// one before ended.
pub async fn list_payments(
    conn: &mut Conn,
    client: &ClientCode,
    filter: &PaymentFilter,
) -> Result<Vec<Payment>, Failure> {
    let Some(after) = place_of(conn, client, filter.after).await? else {
        return Ok(Vec::new());
    };
    let statuses: Vec<&str> = Status::ALL
        .iter()
        .filter(|status| filter.status.is_none_or(|wanted| status.public() == wanted))
        .map(|status| status.as_str())
        .collect();
    let any_reference = filter.external_reference.is_none().into_sql::<Bool>();
    let reference = filter.external_reference.as_deref().unwrap_or_default();
    let from = filter.from.map_or(EARLIEST, stored);
    let before = filter.to.map_or(LATEST, stored);
    payments::table
        .filter(payments::client_code.eq(client.as_str()))
        .filter(payments::status.eq_any(statuses))
        .filter(any_reference.or(payments::external_reference.eq(reference)))
        .filter(payments::created_at.ge(from))
        .filter(payments::created_at.lt(before))
        .filter(
            payments::created_at.lt(after.0).or(payments::created_at
                .eq(after.0)
                .and(payments::mcpay_ref.lt(after.1))),
        )
        .order((payments::created_at.desc(), payments::mcpay_ref.desc()))
        .limit(filter.limit.into())
        .select(PaymentRow::as_select())
        .load(conn)
        .await?
        .into_iter()
        .map(PaymentRow::read)
        .collect()
}

/// Before and after every payment; both databases can compare with them.
const EARLIEST: NaiveDateTime = DateTime::UNIX_EPOCH.naive_utc();
const LATEST: NaiveDateTime = match EARLIEST.checked_add_signed(TimeDelta::days(365_000)) {
    Some(latest) => latest,
    None => EARLIEST,
};

/// Where the page before ended; nothing when it ended at a payment that is not this client's.
async fn place_of(
    conn: &mut Conn,
    client: &ClientCode,
    after: Option<PaymentRef>,
) -> Result<Option<(NaiveDateTime, String)>, Failure> {
    let Some(after) = after else {
        return Ok(Some((LATEST, String::new())));
    };
    Ok(payments::table
        .filter(payments::client_code.eq(client.as_str()))
        .filter(payments::mcpay_ref.eq(after.to_string()))
        .select((payments::created_at, payments::mcpay_ref))
        .first(conn)
        .await
        .optional()?)
}
