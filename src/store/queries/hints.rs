//! Hints: callbacks and the like, kept until they are worked off.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamp};
use diesel_async::RunQueryDsl;
use mcpay_port::{PaymentRef, ProviderRef};

use super::{Conn, End, Failure, finish, idempotency, start};
use crate::store::rows::stored;
use crate::store::schema::{hints, payments};

/// Of the hints that name a provider's id, and of those that name none, this many are kept for one
/// payment: a provider that repeats itself must not fill the database, and hints without an id must
/// not push out the one that has it.
const KEPT_OF_EACH_KIND: i64 = 50;

pub async fn record_hint(
    conn: &mut Conn,
    reference: PaymentRef,
    provider_ref: Option<&ProviderRef>,
    received_at: DateTime<Utc>,
) -> Result<(), Failure> {
    start(conn).await?;
    let work = record_hint_in(conn, reference, provider_ref, received_at).await;
    finish(conn, work).await
}

/// A hint about a payment that does not exist is nothing.
async fn record_hint_in(
    conn: &mut Conn,
    reference: PaymentRef,
    provider_ref: Option<&ProviderRef>,
    received_at: DateTime<Utc>,
) -> Result<End<()>, Failure> {
    let reference = reference.to_string();
    let at = stored(received_at);
    let id = provider_ref.map(ProviderRef::as_str);
    let found = diesel::insert_into(hints::table)
        .values(
            payments::table
                .filter(payments::mcpay_ref.eq(&reference))
                .select((
                    payments::mcpay_ref,
                    id.into_sql::<Nullable<Text>>(),
                    at.into_sql::<Timestamp>(),
                )),
        )
        .into_columns((hints::mcpay_ref, hints::provider_ref, hints::received_at))
        .execute(conn)
        .await?;
    if found == 0 {
        return Ok(End::RollBack(()));
    }
    // A new version, so that no change made from an older look can write the hint away.
    diesel::update(payments::table)
        .filter(payments::mcpay_ref.eq(&reference))
        .set((
            payments::inquire_at.eq(at),
            // Something is going on: the timer looks often again.
            payments::inquiries.eq(0),
            payments::version.eq(payments::version + 1),
        ))
        .execute(conn)
        .await?;
    drop_oldest(conn, &reference, id.is_some()).await?;
    Ok(End::Commit(()))
}

async fn drop_oldest(conn: &mut Conn, reference: &str, with_id: bool) -> Result<(), Failure> {
    let newest_to_go: Option<i64> = hints::table
        .filter(hints::mcpay_ref.eq(reference))
        .filter(hints::provider_ref.is_not_null().eq(with_id))
        .order(hints::id.desc())
        .offset(KEPT_OF_EACH_KIND)
        .limit(1)
        .select(hints::id)
        .first(conn)
        .await
        .optional()?;
    if let Some(newest_to_go) = newest_to_go {
        diesel::delete(hints::table)
            .filter(hints::mcpay_ref.eq(reference))
            .filter(hints::provider_ref.is_not_null().eq(with_id))
            .filter(hints::id.le(newest_to_go))
            .execute(conn)
            .await?;
    }
    Ok(())
}

pub async fn find_hinted_ref(
    conn: &mut Conn,
    reference: PaymentRef,
) -> Result<Option<ProviderRef>, Failure> {
    let id: Option<Option<String>> = hints::table
        .filter(hints::mcpay_ref.eq(reference.to_string()))
        .filter(hints::provider_ref.is_not_null())
        .order(hints::id.desc())
        .select(hints::provider_ref)
        .first(conn)
        .await
        .optional()?;
    Ok(id.flatten().map(ProviderRef))
}

/// Forgets old keys, and old hints that have been worked off: those whose payment is not due any
/// more because of them.
pub async fn forget_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, Failure> {
    let keys = idempotency::forget(conn, before).await?;
    let still_due = payments::table
        .filter(payments::mcpay_ref.eq(hints::mcpay_ref))
        .filter(payments::inquire_at.le(hints::received_at.nullable()));
    let hints = diesel::delete(
        hints::table
            .filter(hints::received_at.lt(stored(before)))
            .filter(diesel::dsl::not(exists(still_due))),
    )
    .execute(conn)
    .await?;
    Ok(keys.saturating_add(hints))
}
