//! Profiles of payers.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::{PaymentRef, Profile};

use super::{Conn, End, Failure, finish, start};
use crate::payments::backoff::backoff;
use crate::payments::profile::{NewProfile, StoredProfile};
use crate::store::rows::profile::{ProfileRow, sealed_profile};
use crate::store::rows::stored;
use crate::store::schema::profiles;
use crate::store::sealing::MasterKey;

/// In the transaction of the change that learnt of it.
pub async fn insert(
    conn: &mut Conn,
    payment: PaymentRef,
    profile: &NewProfile,
    master_key: &MasterKey,
) -> Result<(), Failure> {
    diesel::insert_into(profiles::table)
        .values(ProfileRow::of(payment, profile, master_key)?)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn find_profile(
    conn: &mut Conn,
    payment: PaymentRef,
    master_key: &MasterKey,
) -> Result<Option<StoredProfile>, Failure> {
    profiles::table
        .filter(profiles::mcpay_ref.eq(payment.to_string()))
        .select(ProfileRow::as_select())
        .first(conn)
        .await
        .optional()?
        .map(|row: ProfileRow| row.read(master_key))
        .transpose()
}

pub async fn claim_due_profiles(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
    master_key: &MasterKey,
) -> Result<Vec<StoredProfile>, Failure> {
    start(conn).await?;
    let work = claim_due_profiles_in(conn, now, limit, master_key).await;
    finish(conn, work).await
}

async fn claim_due_profiles_in(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
    master_key: &MasterKey,
) -> Result<End<Vec<StoredProfile>>, Failure> {
    let due: Vec<ProfileRow> = skip_locked!(
        profiles::table
            .filter(profiles::due_at.le(stored(now)))
            .order(profiles::due_at)
            .limit(limit)
            .select(ProfileRow::as_select())
    )
    .load(conn)
    .await?;
    let mut claimed = Vec::with_capacity(due.len());
    for row in due {
        // Longer than a call may take, so that nobody else asks meanwhile.
        let next = stored(now + backoff(row.tries.saturating_add(2)));
        diesel::update(profiles::table.filter(profiles::mcpay_ref.eq(&row.mcpay_ref)))
            .set((
                profiles::tries.eq(row.tries.saturating_add(1)),
                profiles::due_at.eq(next),
            ))
            .execute(conn)
            .await?;
        claimed.push(row.read(master_key)?);
    }
    Ok(End::Commit(claimed))
}

pub async fn finish_profile(
    conn: &mut Conn,
    payment: PaymentRef,
    told: Option<&Profile>,
    master_key: &MasterKey,
) -> Result<(), Failure> {
    let told = told
        .map(|told| sealed_profile(payment, told, master_key))
        .transpose()?;
    let row = profiles::table.filter(profiles::mcpay_ref.eq(payment.to_string()));
    diesel::update(row)
        .set((
            profiles::told.eq(told),
            profiles::due_at.eq(None::<chrono::NaiveDateTime>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn drop_profiles(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, Failure> {
    let over = profiles::table.filter(profiles::drop_at.le(stored(now)));
    Ok(diesel::delete(over).execute(conn).await?)
}
