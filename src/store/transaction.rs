//! Beginning and ending a transaction, and taking a connection from a pool: the same for both
//! databases. Whoever begins one ends it in the same function, so that none is left open.

use std::time::Duration;

use diesel_async::pooled_connection::deadpool::PoolError;
use diesel_async::{AsyncConnection, TransactionManager};

use super::failure::Failure;

/// How a transaction's work ended.
pub enum End<R> {
    Commit(R),
    /// It found a reason not to write; the answer stands all the same.
    RollBack(R),
}

type Manager<C> = <C as AsyncConnection>::TransactionManager;

pub async fn start<C: AsyncConnection>(conn: &mut C) -> Result<(), Failure> {
    Manager::<C>::begin_transaction(conn)
        .await
        .map_err(|error| Failure::not_started(&error))
}

/// Commits or rolls back, as the work says; a failed work is rolled back.
pub async fn finish<C: AsyncConnection, R>(
    conn: &mut C,
    work: Result<End<R>, Failure>,
) -> Result<R, Failure> {
    let answer = match work {
        Ok(End::Commit(answer)) => {
            Manager::<C>::commit_transaction(conn).await?;
            return Ok(answer);
        }
        Ok(End::RollBack(answer)) => Ok(answer),
        Err(failure) => Err(failure),
    };
    if let Err(error) = Manager::<C>::rollback_transaction(conn).await {
        // The database ends what a lost connection had open; the pool throws such a one away.
        tracing::debug!(%error, "a transaction could not be rolled back by asking");
    }
    answer
}

/// Takes a connection from a pool, waiting at most `limit` for one.
pub async fn checkout<C>(
    taking: impl Future<Output = Result<C, PoolError>>,
    limit: Duration,
) -> Result<C, Failure> {
    match tokio::time::timeout(limit, taking).await {
        Ok(Ok(conn)) => Ok(conn),
        Ok(Err(error)) => Err(Failure::unavailable(error.to_string())),
        Err(_) => Err(Failure::unavailable(format!(
            "no connection was free within {} s",
            limit.as_secs()
        ))),
    }
}
