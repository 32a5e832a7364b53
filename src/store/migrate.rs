//! Brings a database up to the schema of this program, under a lock of the database, in one
//! transaction. Blocking: for a thread that may block.

use diesel::Connection;
use diesel::RunQueryDsl;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::lite::Location;
use crate::ports::StoreError;

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// An arbitrary number that nothing else locks.
const LOCK: i64 = 0x6d63_7061_7901;

type Cause = Box<dyn std::error::Error + Send + Sync>;

pub fn migrate_pg(url: &str) -> Result<(), StoreError> {
    let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(url)
        .map_err(|error| unreachable(&error))?;
    conn.transaction(|conn| {
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
            .bind::<diesel::sql_types::BigInt, _>(LOCK)
            .execute(conn)?;
        conn.run_pending_migrations(POSTGRES).map(drop)
    })
    .map_err(|error: Cause| failed(&error))
}

pub fn migrate_lite(url: &str) -> Result<(), StoreError> {
    let mut conn = Location::parse(url)?
        .connect()
        .map_err(|error| unreachable(&error))?;
    conn.immediate_transaction(|conn| conn.run_pending_migrations(SQLITE).map(drop))
        .map_err(|error: Cause| failed(&error))
}

/// The version of the newest migration; both databases have the same ones.
pub fn newest_version() -> Result<String, StoreError> {
    let all = MigrationSource::<Pg>::migrations(&POSTGRES).map_err(|error| failed(&error))?;
    let newest = all.iter().map(|migration| migration.name().version()).max();
    newest
        .map(|version| version.to_string())
        .ok_or_else(|| StoreError::Broken("this program has no migrations".into()))
}

fn unreachable(error: &diesel::ConnectionError) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

fn failed(error: &Cause) -> StoreError {
    StoreError::Broken(format!("a migration failed: {error}"))
}
