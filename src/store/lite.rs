//! `SQLite`: one connection that writes, several that read, and the queries compiled for them.
//!
//! A statement runs on the thread that asks for it: measured several times faster than handing it
//! to another, and nothing is left running when a caller goes away.

use std::error::Error;
use std::future::ready;
use std::time::Duration;

use diesel::Connection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::failure::Failure;
use super::transaction;
use crate::ports::StoreError;

pub type Conn = SyncConnectionWrapper<SqliteConnection, Inline>;

/// Runs a statement where it is asked for.
pub struct Inline;

impl SpawnBlocking for Inline {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync>>> {
        ready(Ok(task())).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// How long a request waits for its turn to write or for a reader.
const CHECKOUT_LIMIT: Duration = Duration::from_secs(2);

// The lock of the whole file that a write takes does what locks of rows do elsewhere.
macro_rules! lock_row {
    ($query:expr) => {
        $query
    };
}
macro_rules! skip_locked {
    ($query:expr) => {
        $query
    };
}

/// Begins a transaction that may write. Taking the write lock at once is what keeps a transaction
/// that has read something from failing when it writes.
pub async fn start(conn: &mut Conn) -> Result<(), Failure> {
    conn.spawn_blocking(|conn| {
        AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
    })
    .await
    .map_err(|error| Failure::not_started(&error))
}

#[path = "queries/mod.rs"]
pub mod queries;

pub struct Database {
    writer: Pool<Conn>,
    readers: Pool<Conn>,
}

/// What a `sqlite://` URL says.
pub struct Location {
    pub path: String,
    synchronous: &'static str,
}

impl Location {
    /// Reads `sqlite://PATH`, with `?synchronous=normal` where the last commits may be lost in a
    /// power cut (tests). The default writes every commit through to the disk.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        let wrong = || {
            StoreError::Broken(
                "the database URL must be sqlite://PATH with the path of a file".to_owned(),
            )
        };
        let rest = url.strip_prefix("sqlite://").ok_or_else(wrong)?;
        let (path, synchronous) = match rest.split_once('?') {
            None => (rest, "FULL"),
            Some((path, "synchronous=full")) => (path, "FULL"),
            Some((path, "synchronous=normal")) => (path, "NORMAL"),
            Some(_) => return Err(wrong()),
        };
        if path.is_empty() || path.starts_with(':') || path.starts_with("file:") {
            return Err(wrong());
        }
        Ok(Self {
            path: path.to_owned(),
            synchronous,
        })
    }

    /// Connects, with everything set that a connection needs.
    pub fn connect(&self) -> Result<SqliteConnection, diesel::ConnectionError> {
        let mut conn = SqliteConnection::establish(&self.path)?;
        conn.batch_execute(&format!(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; \
             PRAGMA foreign_keys = ON;",
            self.synchronous
        ))
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
        Ok(conn)
    }
}

impl Database {
    pub fn open(url: &str, pool_size: usize) -> Result<Self, StoreError> {
        Ok(Self {
            writer: pool(url, 1, "")?,
            readers: pool(url, pool_size.max(1), "PRAGMA query_only = ON;")?,
        })
    }

    pub async fn reader(&self) -> Result<Object<Conn>, Failure> {
        transaction::checkout(self.readers.get(), CHECKOUT_LIMIT).await
    }

    pub async fn writer(&self) -> Result<Object<Conn>, Failure> {
        transaction::checkout(self.writer.get(), CHECKOUT_LIMIT).await
    }
}

fn pool(url: &str, size: usize, more: &'static str) -> Result<Pool<Conn>, StoreError> {
    let location = std::sync::Arc::new(Location::parse(url)?);
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| {
        let connected = location.connect().and_then(|mut conn| {
            conn.batch_execute(more)
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(Conn::new(conn))
        });
        ready(connected).boxed()
    });
    Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config))
        .max_size(size)
        .build()
        .map_err(|error| StoreError::Broken(error.to_string()))
}
