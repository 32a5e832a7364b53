//! Questions about the database itself.

use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel_async::RunQueryDsl;

use super::{Conn, Failure};
use crate::ports::StoreError;

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

pub async fn ping(conn: &mut Conn) -> Result<(), Failure> {
    diesel::select(1.into_sql::<Integer>())
        .get_result::<i32>(conn)
        .await?;
    Ok(())
}

/// Whether the migration of this version has been run.
pub async fn is_migrated(conn: &mut Conn, version: &str) -> Result<bool, Failure> {
    let run: Result<Option<String>, Failure> = __diesel_schema_migrations::table
        .filter(__diesel_schema_migrations::version.eq(version))
        .select(__diesel_schema_migrations::version)
        .first(conn)
        .await
        .optional()
        .map_err(Failure::from);
    match run {
        Ok(version) => Ok(version.is_some()),
        // There is not even the table yet.
        Err(Failure::Store(StoreError::Broken(_))) => Ok(false),
        Err(failure) => Err(failure),
    }
}
