//! `PostgreSQL`: pure Rust connections, a pool, and the queries compiled for them.

use std::time::Duration;

use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt as _;
use url::Url;

use super::failure::Failure;
use super::transaction;
use crate::ports::StoreError;

pub type Conn = AsyncPgConnection;

/// No request waits longer for a connection.
const CHECKOUT_LIMIT: Duration = Duration::from_secs(2);

/// A statement that takes longer than these has lost its caller; it must not hold locks for ever.
const SESSION: &str = "SET statement_timeout = '10s'; SET lock_timeout = '5s'; \
                       SET idle_in_transaction_session_timeout = '15s'; SET TIME ZONE 'UTC'";

macro_rules! lock_row {
    ($query:expr) => {
        $query.for_update()
    };
}
macro_rules! skip_locked {
    ($query:expr) => {
        $query.for_update().skip_locked()
    };
}

/// Begins a transaction; a failure here has written nothing.
pub async fn start(conn: &mut Conn) -> Result<(), Failure> {
    transaction::start(conn).await
}

#[path = "queries/mod.rs"]
pub mod queries;

pub struct Database {
    pool: Pool<Conn>,
}

impl Database {
    pub fn open(url: &str, pool_size: usize) -> Result<Self, StoreError> {
        check_url(url)?;
        let mut config = ManagerConfig::default();
        // A ping at every checkout costs a round trip; a dead connection is found by its first
        // statement instead, and replaced.
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(|url| {
            async move {
                let mut conn = Conn::establish(url).await?;
                conn.batch_execute(SESSION)
                    .await
                    .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(conn)
            }
            .boxed()
        });
        let pool = Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config))
            .max_size(pool_size.max(1))
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(Self { pool })
    }

    pub async fn reader(&self) -> Result<Object<Conn>, Failure> {
        self.writer().await
    }

    pub async fn writer(&self) -> Result<Object<Conn>, Failure> {
        transaction::checkout(self.pool.get(), CHECKOUT_LIMIT).await
    }

    /// Throws a connection away and takes another.
    pub async fn replace(&self, broken: Object<Conn>) -> Result<Object<Conn>, Failure> {
        drop(Object::take(broken));
        self.writer().await
    }
}

/// Connections are not encrypted by this program yet. A URL that asks for encryption is refused,
/// rather than obeyed in the clear.
pub fn check_url(url: &str) -> Result<(), StoreError> {
    let parsed = Url::parse(url).map_err(|_| {
        StoreError::Broken(
            "the database URL cannot be read; write postgres://user:password@host:5432/name, \
             with special characters percent-encoded"
                .to_owned(),
        )
    })?;
    let mode = parsed.query_pairs().find(|pair| pair.0 == "sslmode");
    match mode.as_ref().map(|pair| pair.1.as_ref()) {
        None | Some("disable" | "prefer") => Ok(()),
        Some("require" | "verify-ca" | "verify-full") => Err(StoreError::Broken(
            "sslmode asks for an encrypted connection, which this version cannot make; use a \
             private network or a local TLS proxy and leave sslmode out of the database URL"
                .to_owned(),
        )),
        Some(_) => Err(StoreError::Broken(
            "sslmode in the database URL must be disable or prefer".to_owned(),
        )),
    }
}
