//! Stores the intent of a payment: all of it or nothing.

use super::start;
use super::{Conn, End, Failure, agreements, events, finish, idempotency, operations, payments};
use crate::payments::ports::{Begun, Intent};

pub async fn begin(conn: &mut Conn, intent: &Intent) -> Result<Begun, Failure> {
    start(conn).await?;
    let work = begin_in(conn, intent).await;
    finish(conn, work).await
}

/// The key comes first: a request that is repeated while the first one is at work waits here for
/// its end, and is then told about the key rather than about the reference.
pub(super) async fn begin_in(conn: &mut Conn, intent: &Intent) -> Result<End<Begun>, Failure> {
    if let Some(claim) = &intent.claim
        && !idempotency::claim(conn, claim, intent.payment.reference, None).await?
    {
        let used = idempotency::find_key_use(conn, claim).await?;
        // Forgotten between the two statements: the caller may simply ask again.
        let used = used.ok_or_else(|| Failure::unavailable("the key was being forgotten"))?;
        return Ok(End::RollBack(Begun::Key(used)));
    }
    if !payments::insert(conn, &intent.payment).await? {
        return Ok(End::RollBack(Begun::ReferenceUsed));
    }
    if let Some(agreement) = &intent.agreement {
        agreements::insert(conn, agreement).await?;
    }
    operations::insert(conn, &intent.operation).await?;
    events::insert(conn, &intent.events).await?;
    Ok(End::Commit(Begun::Begun))
}
