//! Keys of requests that may be repeated (CONTRACT 8.13).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::{OperationId, PaymentRef};

use super::{Conn, Failure};
use crate::payments::ports::{IdempotencyClaim, KeyUse, StoredAnswer};
use crate::store::rows::idempotency::{ClaimRow, KeyUseRow};
use crate::store::rows::stored;
use crate::store::schema::idempotency_keys as keys;

/// The route whose keys begin payments.
const BEGINNING: &str = "paymentInit";

/// False when the key was used before.
pub async fn claim(
    conn: &mut Conn,
    claim: &IdempotencyClaim,
    payment: PaymentRef,
    operation: Option<OperationId>,
) -> Result<bool, Failure> {
    let written = diesel::insert_into(keys::table)
        .values(ClaimRow::of(claim, payment, operation))
        .on_conflict((keys::client_code, keys::route, keys::key))
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(written == 1)
}

pub async fn find_key_use(
    conn: &mut Conn,
    claim: &IdempotencyClaim,
) -> Result<Option<KeyUse>, Failure> {
    keys::table
        .filter(keys::client_code.eq(claim.client.as_str()))
        .filter(keys::route.eq(claim.route))
        .filter(keys::key.eq(&claim.key))
        .select(KeyUseRow::as_select())
        .first(conn)
        .await
        .optional()?
        .map(|row| row.read(&claim.body_hash))
        .transpose()
}

/// Keeps the answer for the key that began this payment, if one did. The first answer stays: that
/// is the one the caller may have seen.
pub async fn answer(
    conn: &mut Conn,
    payment: PaymentRef,
    answer: &StoredAnswer,
) -> Result<(), Failure> {
    diesel::update(keys::table)
        .filter(keys::mcpay_ref.eq(payment.to_string()))
        // Keys of what was asked later have answers of their own.
        .filter(keys::route.eq(BEGINNING))
        .filter(keys::answer_status.is_null())
        .set((
            keys::answer_status.eq(i32::from(answer.status)),
            keys::answer_body.eq(&answer.body),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps the answer for a key, claimed or not. The first answer stays.
pub async fn keep_answer(
    conn: &mut Conn,
    key: &IdempotencyClaim,
    about: PaymentRef,
    answer: &StoredAnswer,
) -> Result<(), Failure> {
    claim(conn, key, about, None).await?;
    diesel::update(keys::table)
        .filter(keys::client_code.eq(key.client.as_str()))
        .filter(keys::route.eq(key.route))
        .filter(keys::key.eq(&key.key))
        .filter(keys::body_hash.eq(key.body_hash.to_vec()))
        .filter(keys::answer_status.is_null())
        .set((
            keys::answer_status.eq(i32::from(answer.status)),
            keys::answer_body.eq(&answer.body),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn forget(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, Failure> {
    let gone = diesel::delete(keys::table.filter(keys::claimed_at.lt(stored(before))))
        .execute(conn)
        .await?;
    Ok(gone)
}
