//! Stores a change of a payment with everything that must stand or fall with it.

use super::start;
use super::{Conn, End, Failure, agreements, events, finish, idempotency, operations, payments};
use crate::payments::ports::{Change, Saved};
use crate::store::sealing::MasterKey;

pub async fn save(
    conn: &mut Conn,
    change: &Change,
    master_key: &MasterKey,
) -> Result<Saved, Failure> {
    start(conn).await?;
    let work = save_in(conn, change, master_key).await;
    finish(conn, work).await
}

/// The payment comes first: its version decides whether anything is written at all, and its row
/// lock makes changes of one payment wait for each other.
async fn save_in(
    conn: &mut Conn,
    change: &Change,
    master_key: &MasterKey,
) -> Result<End<Saved>, Failure> {
    let reference = change.payment.reference;
    if !payments::update(conn, &change.payment).await? {
        return Ok(End::RollBack(Saved::Overtaken));
    }
    if let Some(outcome) = &change.operation {
        operations::finish_operation(conn, reference, outcome).await?;
    }
    if let Some(operation) = &change.next_operation {
        operations::insert(conn, operation).await?;
    }
    if let Some(activation) = &change.activation {
        agreements::activate(conn, reference, activation, master_key).await?;
    }
    events::insert(conn, &change.events).await?;
    if let Some(answer) = &change.answer {
        idempotency::answer(conn, reference, answer).await?;
    }
    Ok(End::Commit(Saved::Saved))
}
