//! Orders and their sets: looked up, registered, begun.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::PaymentRef;
use secrecy::SecretSlice;

use super::{Conn, End, Failure, begin, events, finish, save, start};
use crate::clients::ClientCode;
use crate::orders::order::{Bundle, Order, OrderId, OrderSet, OrderStatus, SetId, SetStatus};
use crate::orders::ports::Registration;
use crate::payments::ports::{Begun, Intent, Saved};
use crate::store::rows::order::{NewOrderRow, OrderRow, SetRow, open_body, set_id};
use crate::store::schema::{order_sets, orders, payments};
use crate::store::sealing::MasterKey;

pub async fn register(
    conn: &mut Conn,
    registration: &Registration,
    master_key: &MasterKey,
) -> Result<Saved, Failure> {
    start(conn).await?;
    let work = register_in(conn, registration, master_key).await;
    finish(conn, work).await
}

/// The payment comes first, as everywhere: its version decides who of those who race may go on.
async fn register_in(
    conn: &mut Conn,
    registration: &Registration,
    master_key: &MasterKey,
) -> Result<End<Saved>, Failure> {
    if let Some(claim) = &registration.claim
        && !save::write_in(conn, claim, master_key).await?
    {
        return Ok(End::RollBack(Saved::Overtaken));
    }
    if let Some(set) = &registration.set {
        insert_set(conn, set).await?;
    }
    diesel::insert_into(orders::table)
        .values(NewOrderRow::of(
            &registration.order,
            &registration.body,
            master_key,
        )?)
        .execute(conn)
        .await?;
    events::insert(conn, &registration.events).await?;
    Ok(End::Commit(Saved::Saved))
}

async fn insert_set(conn: &mut Conn, set: &OrderSet) -> Result<(), Failure> {
    diesel::insert_into(order_sets::table)
        .values(SetRow::of(set))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn begin_set(
    conn: &mut Conn,
    intent: &Intent,
    set: &OrderSet,
    members: &[Order],
) -> Result<Begun, Failure> {
    start(conn).await?;
    let work = begin_set_in(conn, intent, set, members).await;
    finish(conn, work).await
}

/// One order after the other, in the order of their ids: those who race for several meet at the
/// first of them.
async fn begin_set_in(
    conn: &mut Conn,
    intent: &Intent,
    set: &OrderSet,
    members: &[Order],
) -> Result<End<Begun>, Failure> {
    if let End::RollBack(begun) = begin::begin_in(conn, intent).await? {
        return Ok(End::RollBack(begun));
    }
    insert_set(conn, set).await?;
    let mut members: Vec<&Order> = members.iter().collect();
    members.sort_by_key(|order| order.id);
    for order in members {
        let taken = diesel::update(orders::table)
            .filter(orders::order_id.eq(order.id.get()))
            .filter(orders::version.eq(order.version))
            .filter(orders::status.eq(OrderStatus::Preliminary.as_str()))
            .filter(orders::set_id.is_null())
            .set((
                orders::set_id.eq(set.id.to_string()),
                orders::version.eq(orders::version + 1),
            ))
            .execute(conn)
            .await?;
        if taken == 0 {
            return Ok(End::RollBack(Begun::ReferenceUsed));
        }
    }
    Ok(End::Commit(Begun::Begun))
}

pub async fn find_registered(
    conn: &mut Conn,
    client: &ClientCode,
    external_id: &str,
) -> Result<Option<Order>, Failure> {
    orders::table
        .filter(orders::client_code.eq(client.as_str()))
        .filter(orders::external_order_id.eq(external_id))
        .select(OrderRow::as_select())
        .first(conn)
        .await
        .optional()?
        .map(OrderRow::read)
        .transpose()
}

pub async fn find_orders(conn: &mut Conn, ids: &[OrderId]) -> Result<Vec<Order>, Failure> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    orders::table
        .filter(orders::order_id.eq_any(ids))
        .order(orders::order_id)
        .select(OrderRow::as_select())
        .load(conn)
        .await?
        .into_iter()
        .map(OrderRow::read)
        .collect()
}

pub async fn find_body(
    conn: &mut Conn,
    order: OrderId,
    master_key: &MasterKey,
) -> Result<Option<SecretSlice<u8>>, Failure> {
    let sealed: Option<Vec<u8>> = orders::table
        .filter(orders::order_id.eq(order.get()))
        .select(orders::body)
        .first(conn)
        .await
        .optional()?;
    sealed
        .map(|sealed| open_body(order, &sealed, master_key))
        .transpose()
}

pub async fn find_bundle(conn: &mut Conn, set: SetId) -> Result<Option<Bundle>, Failure> {
    let row: Option<SetRow> = order_sets::table
        .filter(order_sets::id.eq(set.to_string()))
        .select(SetRow::as_select())
        .first(conn)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let members: Result<Vec<Order>, Failure> = orders::table
        .filter(orders::set_id.eq(set.to_string()))
        .order(orders::order_id)
        .select(OrderRow::as_select())
        .load(conn)
        .await?
        .into_iter()
        .map(OrderRow::read)
        .collect();
    Ok(Some(Bundle {
        set: row.read()?,
        orders: members?,
    }))
}

pub async fn find_set_of(conn: &mut Conn, payment: PaymentRef) -> Result<Option<SetId>, Failure> {
    let id: Option<String> = order_sets::table
        .filter(order_sets::mcpay_ref.eq(payment.to_string()))
        .order((
            order_sets::status.eq(SetStatus::Dissolved.as_str()),
            order_sets::created_at.desc(),
        ))
        .select(order_sets::id)
        .first(conn)
        .await
        .optional()?;
    id.map(|id| set_id(&id)).transpose()
}

pub async fn save_return_url(conn: &mut Conn, set: SetId, url: &str) -> Result<(), Failure> {
    diesel::update(order_sets::table)
        .filter(order_sets::id.eq(set.to_string()))
        .filter(order_sets::status.eq(SetStatus::Open.as_str()))
        .set(order_sets::return_url.eq(url))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn find_sets_to_follow(conn: &mut Conn, limit: i64) -> Result<Vec<SetId>, Failure> {
    let ids: Vec<String> = order_sets::table
        .inner_join(payments::table)
        .filter(order_sets::status.eq(SetStatus::Open.as_str()))
        .filter(payments::version.gt(order_sets::seen_version))
        .order(order_sets::created_at)
        .limit(limit)
        .select(order_sets::id)
        .load(conn)
        .await?;
    ids.iter().map(|id| set_id(id)).collect()
}
