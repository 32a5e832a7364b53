//! The store: the only SQL of the service, for `PostgreSQL` and `SQLite` from one source.
//!
//! It implements the ports of the domain (`PaymentStore`, `EventStore`, `ClientStore`,
//! `TokenKeyStore`, `RegistrationStore`, `ProfileStore`). Each call
//! is one transaction, and runs as a task of its own on the runtime that opened the store: a caller
//! that goes away (a browser that hangs up) cannot cut a transaction in two. What must never live
//! here: a decision about money, HTTP, or a secret in the clear.

mod client_store;
mod event_store;
mod failure;
mod lite;
mod migrate;
mod order_store;
mod payment_store;
mod pg;
mod profile_store;
mod registration_store;
mod rows;
mod schema;
pub mod sealing;
mod token_key_store;
mod transaction;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use self::failure::Failure;
pub use self::sealing::MasterKey;
use crate::ports::StoreError;

/// What `ping` waits for an answer.
const PING_LIMIT: Duration = Duration::from_secs(2);

/// No call takes longer: a database that has stopped answering without closing its connections
/// must not hold callers for ever. Longer than any statement may take by itself.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// A database, opened. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    master_key: MasterKey,
    runtime: Handle,
}

enum Backend {
    Pg(pg::Database),
    Lite(lite::Database),
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Seals the secrets in the database.
    pub master_key: MasterKey,
    /// How many connections at most; for `SQLite` those that read, beside the one that writes.
    pub pool_size: usize,
}

/// Runs one unit of work as a task of its own: `unit!(self, writer, policy, module::function(…))`.
///
/// `wrote_nothing` repeats it only where the transaction could not begin, so that nothing is ever
/// written twice. `lost_connection` is for what may be done twice: reads, and writes that set
/// rather than add. Either is repeated once at most, on another connection. A unit that needs the
/// master key names it first: `unit!(self, writer, wrote_nothing, |key| module::function(…, key))`.
macro_rules! unit {
    ($store:expr, $pool:ident, $policy:ident,
     $module:ident::$function:ident($($argument:expr),*)) => {
        unit!($store, $pool, $policy, |_key| $module::$function($($argument),*))
    };
    // As rustfmt writes what does not fit in one line.
    ($store:expr, $pool:ident, $policy:ident,
     |$key:ident| { $module:ident::$function:ident($($argument:expr),*) }) => {
        unit!($store, $pool, $policy, |$key| $module::$function($($argument),*))
    };
    ($store:expr, $pool:ident, $policy:ident,
     |$key:ident| $module:ident::$function:ident($($argument:expr),*)) => {{
        use $crate::store::{Backend, failure::Failure, lite, pg};
        let inner = ::std::sync::Arc::clone(&$store.inner);
        $store.run(async move {
            let $key = &inner.master_key;
            match &inner.backend {
                Backend::Pg(database) => {
                    let mut conn = database.$pool().await?;
                    let answer =
                        pg::queries::$module::$function(&mut conn, $($argument),*).await;
                    match answer {
                        Err(failure) if Failure::$policy(&failure) => {
                            let mut conn = database.replace(conn).await?;
                            pg::queries::$module::$function(&mut conn, $($argument),*).await
                        }
                        answer => answer,
                    }
                }
                Backend::Lite(database) => {
                    let mut conn = database.$pool().await?;
                    lite::queries::$module::$function(&mut conn, $($argument),*).await
                }
            }
        })
        .await
    }};
}
use unit;

impl Store {
    /// Opens `postgres://…`, `postgresql://…` or `sqlite://PATH`. Connects only when first used,
    /// so a database that is down does not keep the service from starting.
    ///
    /// Must be called on the runtime that is to do the work: the multi-threaded one of the program,
    /// never an actix worker's.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the URL is wrong, or asks for what this program cannot do.
    pub fn open(url: &str, options: StoreOptions) -> Result<Self, StoreError> {
        let runtime = Handle::try_current()
            .map_err(|_| StoreError::Broken("the store needs a running tokio runtime".into()))?;
        let backend = match Kind::of(url)? {
            Kind::Pg => Backend::Pg(pg::Database::open(url, options.pool_size)?),
            Kind::Lite => Backend::Lite(lite::Database::open(url, options.pool_size)?),
        };
        let inner = Inner {
            backend,
            master_key: options.master_key,
            runtime,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Brings the database at `url` up to this program's schema. Any number of processes may do so
    /// at once; one works, the others wait and find nothing to do.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached, [`StoreError::Broken`] when
    /// a migration fails; then nothing of it was kept.
    pub async fn migrate(url: &str) -> Result<(), StoreError> {
        let kind = Kind::of(url)?;
        let url = url.to_owned();
        tokio::task::spawn_blocking(move || match kind {
            Kind::Pg => migrate::migrate_pg(&url),
            Kind::Lite => migrate::migrate_lite(&url),
        })
        .await
        .map_err(|_| StoreError::Broken("the migration stopped before its end".into()))?
    }

    /// Whether the database answers, within two seconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let asked = async { unit!(self, reader, lost_connection, schema::ping()) };
        tokio::time::timeout(PING_LIMIT, asked)
            .await
            .unwrap_or_else(|_| {
                Err(StoreError::Unavailable(
                    "it did not answer within 2 s".into(),
                ))
            })
    }

    /// Whether every migration of this program has been run. False also for an empty database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached.
    pub async fn is_migrated(&self) -> Result<bool, StoreError> {
        let newest = migrate::newest_version()?;
        unit!(self, reader, lost_connection, schema::is_migrated(&newest))
    }

    /// Runs work on the store's own runtime, where nobody's going away can stop it.
    async fn run<R: Send + 'static>(
        &self,
        work: impl Future<Output = Result<R, Failure>> + Send + 'static,
    ) -> Result<R, StoreError> {
        let limited = tokio::time::timeout(CALL_LIMIT, work);
        match self.inner.runtime.spawn(limited).await {
            Ok(Ok(answer)) => answer.map_err(StoreError::from),
            Ok(Err(_)) => Err(StoreError::Unavailable(format!(
                "it did not answer within {} s",
                CALL_LIMIT.as_secs()
            ))),
            Err(_) => Err(StoreError::Broken(
                "the work on the database stopped before its end".into(),
            )),
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Pg,
    Lite,
}

impl Kind {
    fn of(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            pg::check_url(url)?;
            Ok(Self::Pg)
        } else if url.starts_with("sqlite://") {
            lite::Location::parse(url)?;
            Ok(Self::Lite)
        } else {
            Err(StoreError::Broken(
                "the database URL must start with postgres:// or sqlite://".into(),
            ))
        }
    }
}
