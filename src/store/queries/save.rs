//! Stores a change of a payment with everything that must stand or fall with it.

use super::start;
use super::{
    Conn, End, Failure, agreements, events, finish, idempotency, operations, orders, payments,
    profiles,
};
use crate::payments::ports::{Change, IdempotencyClaim, Intended, Saved};
use crate::store::sealing::MasterKey;

pub async fn save(
    conn: &mut Conn,
    change: &Change,
    master_key: &MasterKey,
) -> Result<Saved, Failure> {
    start(conn).await?;
    let work = match write_in(conn, change, master_key).await {
        Ok(true) => Ok(End::Commit(Saved::Saved)),
        Ok(false) => Ok(End::RollBack(Saved::Overtaken)),
        Err(failure) => Err(failure),
    };
    finish(conn, work).await
}

pub async fn intend(
    conn: &mut Conn,
    change: &Change,
    claim: &IdempotencyClaim,
    master_key: &MasterKey,
) -> Result<Intended, Failure> {
    start(conn).await?;
    let work = intend_in(conn, change, claim, master_key).await;
    finish(conn, work).await
}

/// The key comes first, as when a payment begins.
async fn intend_in(
    conn: &mut Conn,
    change: &Change,
    claim: &IdempotencyClaim,
    master_key: &MasterKey,
) -> Result<End<Intended>, Failure> {
    let operation = change.next_operation.as_ref().map(|next| next.operation.id);
    if !idempotency::claim(conn, claim, change.payment.reference, operation).await? {
        let used = idempotency::find_key_use(conn, claim).await?;
        let used = used.ok_or_else(|| Failure::unavailable("the key was being forgotten"))?;
        return Ok(End::RollBack(Intended::Key(used)));
    }
    Ok(if write_in(conn, change, master_key).await? {
        End::Commit(Intended::Intended)
    } else {
        End::RollBack(Intended::Overtaken)
    })
}

/// The payment comes first: its version decides whether anything is written at all, and its row
/// lock makes changes of one payment wait for each other. False when it was overtaken.
pub(super) async fn write_in(
    conn: &mut Conn,
    change: &Change,
    master_key: &MasterKey,
) -> Result<bool, Failure> {
    let reference = change.payment.reference;
    if !payments::update(conn, &change.payment).await? {
        return Ok(false);
    }
    if let Some(outcome) = &change.operation {
        operations::finish_operation(conn, reference, outcome).await?;
    }
    if let Some(operation) = &change.next_operation {
        operations::insert(conn, operation).await?;
    }
    if let Some(refund) = &change.order_refund {
        orders::reserve_refund(conn, reference, refund).await?;
    }
    if let Some(activation) = &change.activation {
        agreements::activate(conn, reference, activation, master_key).await?;
    }
    if let Some(profile) = &change.profile {
        profiles::insert(conn, reference, profile, master_key).await?;
    }
    if let Some(stopped) = &change.stopped
        && !agreements::stop(conn, stopped).await?
    {
        return Ok(false);
    }
    events::insert(conn, &change.events).await?;
    if let Some(answer) = &change.answer {
        idempotency::answer(conn, reference, answer).await?;
    }
    Ok(true)
}
