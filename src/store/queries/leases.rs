//! Leases: who may do work that must not be done twice at once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::{Conn, Failure};
use crate::store::rows::stored;
use crate::store::schema::leases;

/// One statement, so that of two takers one finds the other's row.
pub async fn take_lease(
    conn: &mut Conn,
    name: &str,
    holder: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, Failure> {
    let taken = diesel::insert_into(leases::table)
        .values((
            leases::name.eq(name),
            leases::holder.eq(holder),
            leases::ends_at.eq(stored(until)),
        ))
        .on_conflict(leases::name)
        .do_update()
        .set((
            leases::holder.eq(excluded(leases::holder)),
            leases::ends_at.eq(excluded(leases::ends_at)),
        ))
        .filter(
            leases::holder
                .eq(holder)
                .or(leases::ends_at.le(stored(now))),
        )
        .execute(conn)
        .await?;
    Ok(taken == 1)
}

pub async fn drop_lease(conn: &mut Conn, name: &str, holder: &str) -> Result<(), Failure> {
    diesel::delete(leases::table.find(name))
        .filter(leases::holder.eq(holder))
        .execute(conn)
        .await?;
    Ok(())
}
