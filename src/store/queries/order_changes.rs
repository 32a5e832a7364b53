//! Stores a change of orders with everything that must stand or fall with it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, End, Failure, events, finish, save as of_payment, start};
use crate::orders::order::{Order, OrderId, OrderSet, OrderStatus, SetStatus};
use crate::orders::ports::OrderChange;
use crate::payments::ports::Saved;
use crate::store::rows::order::OrderStanding;
use crate::store::rows::stored;
use crate::store::schema::{order_callbacks, order_sets, orders};
use crate::store::sealing::MasterKey;

pub async fn save(
    conn: &mut Conn,
    change: &OrderChange,
    master_key: &MasterKey,
) -> Result<Saved, Failure> {
    start(conn).await?;
    let work = save_in(conn, change, master_key).await;
    finish(conn, work).await
}

/// Payment, set, orders, calls: always in this order, so that those who race wait for each other.
async fn save_in(
    conn: &mut Conn,
    change: &OrderChange,
    master_key: &MasterKey,
) -> Result<End<Saved>, Failure> {
    if let Some(payment) = &change.payment
        && !of_payment::write_in(conn, payment, master_key).await?
    {
        return Ok(End::RollBack(Saved::Overtaken));
    }
    if let Some(set) = &change.set
        && !update_set(conn, set).await?
    {
        return Ok(End::RollBack(Saved::Overtaken));
    }
    let mut changed: Vec<&Order> = change.orders.iter().collect();
    changed.sort_by_key(|order| order.id);
    for order in &changed {
        if !update(conn, order).await? {
            return Ok(End::RollBack(Saved::Overtaken));
        }
    }
    if let Some((order, url)) = &change.call_back {
        insert_call(conn, *order, url).await?;
    }
    let told = change.call_back.iter().map(|(order, _)| order.get());
    let ids: Vec<i64> = changed
        .iter()
        .map(|order| order.id.get())
        .chain(told)
        .collect();
    make_calls_due(conn, &ids, change).await?;
    events::insert(conn, &change.events).await?;
    Ok(End::Commit(Saved::Saved))
}

/// False when the set is not open any more.
async fn update_set(conn: &mut Conn, set: &OrderSet) -> Result<bool, Failure> {
    let written = diesel::update(order_sets::table)
        .filter(order_sets::id.eq(set.id.to_string()))
        .filter(order_sets::status.eq(SetStatus::Open.as_str()))
        .set((
            order_sets::status.eq(set.status.as_str()),
            order_sets::seen_version.eq(set.seen_version),
        ))
        .execute(conn)
        .await?;
    Ok(written == 1)
}

/// False when the order has another version than the change was made from.
async fn update(conn: &mut Conn, order: &Order) -> Result<bool, Failure> {
    let next = order
        .version
        .checked_add(1)
        .ok_or_else(|| Failure::broken("the order has too many versions"))?;
    let written = diesel::update(orders::table)
        .filter(orders::order_id.eq(order.id.get()))
        .filter(orders::version.eq(order.version))
        .set(OrderStanding::of(order, next))
        .execute(conn)
        .await?;
    Ok(written == 1)
}

/// The order is locked first: whoever ends it at this moment either sees the call or is seen here.
async fn insert_call(conn: &mut Conn, order: OrderId, url: &str) -> Result<(), Failure> {
    let _locked: i64 = lock_row!(
        orders::table
            .filter(orders::order_id.eq(order.get()))
            .select(orders::order_id)
    )
    .first(conn)
    .await?;
    diesel::insert_into(order_callbacks::table)
        .values((
            order_callbacks::order_id.eq(order.get()),
            order_callbacks::url.eq(url),
            order_callbacks::tries.eq(0),
        ))
        .on_conflict(order_callbacks::order_id)
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

async fn make_calls_due(conn: &mut Conn, ids: &[i64], change: &OrderChange) -> Result<(), Failure> {
    let ended: Vec<i64> = orders::table
        .filter(orders::order_id.eq_any(ids))
        .filter(orders::status.ne(OrderStatus::Preliminary.as_str()))
        .select(orders::order_id)
        .load(conn)
        .await?;
    if ended.is_empty() {
        return Ok(());
    }
    diesel::update(order_callbacks::table)
        .filter(order_callbacks::order_id.eq_any(ended))
        .filter(order_callbacks::tries.eq(0))
        .filter(order_callbacks::due_at.is_null())
        .filter(order_callbacks::delivered_at.is_null())
        .set(order_callbacks::due_at.eq(stored(change.at)))
        .execute(conn)
        .await?;
    Ok(())
}
