//! Events: written with the change they tell, numbered and published later.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Conn, End, Failure, finish, start};
use crate::clients::ClientCode;
use crate::events::Event;
use crate::store::rows::event::EventRow;
use crate::store::rows::stored;
use crate::store::schema::{events, meta};

diesel::alias!(events as earlier: Earlier);

const CURSOR: &str = "event_cursor";

/// One statement each: there is hardly ever more than one, and such a statement is prepared once.
pub async fn insert(conn: &mut Conn, told: &[Event]) -> Result<(), Failure> {
    for event in told {
        diesel::insert_into(events::table)
            .values(EventRow::of(event))
            .execute(conn)
            .await?;
    }
    Ok(())
}

pub async fn find_unpublished(conn: &mut Conn, limit: i64) -> Result<Vec<Event>, Failure> {
    let of_same_subject_before = earlier
        .filter(earlier.field(events::subject).eq(events::subject))
        .filter(earlier.field(events::published_at).is_null())
        .filter(earlier.field(events::sequence).lt(events::sequence));
    events::table
        .filter(events::published_at.is_null())
        .filter(not(exists(of_same_subject_before)))
        .order(events::position)
        .limit(limit)
        .select(EventRow::as_select())
        .load(conn)
        .await?
        .into_iter()
        .map(EventRow::read)
        .collect()
}

pub async fn mark_published(
    conn: &mut Conn,
    ids: &[Uuid],
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    diesel::update(events::table)
        .filter(events::id.eq_any(ids))
        .filter(events::published_at.is_null())
        .set(events::published_at.eq(stored(at)))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn assign_cursors(conn: &mut Conn, limit: i64) -> Result<usize, Failure> {
    start(conn).await?;
    let work = assign_cursors_in(conn, limit).await;
    finish(conn, work).await
}

/// Locking the last cursor makes a sequencer that has lost its lease without noticing wait for the
/// other one, and then go on behind it.
async fn assign_cursors_in(conn: &mut Conn, limit: i64) -> Result<End<usize>, Failure> {
    let last: i64 = lock_row!(
        meta::table
            .filter(meta::name.eq(CURSOR))
            .select(meta::value)
    )
    .first(conn)
    .await?;
    let given = diesel::sql_query(
        "UPDATE events SET cursor = $1 + waiting.place FROM (\
             SELECT position, row_number() OVER (ORDER BY position) AS place FROM events \
             WHERE cursor IS NULL ORDER BY position LIMIT $2\
         ) AS waiting WHERE events.position = waiting.position",
    )
    .bind::<BigInt, _>(last)
    .bind::<BigInt, _>(limit)
    .execute(conn)
    .await?;
    if given == 0 {
        return Ok(End::RollBack(0));
    }
    let next = i64::try_from(given)
        .ok()
        .and_then(|given| last.checked_add(given))
        .ok_or_else(|| Failure::broken("there are too many events"))?;
    diesel::update(meta::table.filter(meta::name.eq(CURSOR)))
        .set(meta::value.eq(next))
        .execute(conn)
        .await?;
    Ok(End::Commit(given))
}

pub async fn find_events_after(
    conn: &mut Conn,
    client: &ClientCode,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Event)>, Failure> {
    events::table
        .filter(events::client_code.eq(client.as_str()))
        .filter(events::cursor.gt(after))
        .order(events::cursor)
        .limit(limit)
        .select((events::cursor.assume_not_null(), EventRow::as_select()))
        .load::<(i64, EventRow)>(conn)
        .await?
        .into_iter()
        .map(|(cursor, row)| Ok((cursor, row.read()?)))
        .collect()
}

pub async fn find_events_of(
    conn: &mut Conn,
    client: &ClientCode,
    subject: &str,
) -> Result<Vec<Event>, Failure> {
    events::table
        .filter(events::subject.eq(subject))
        .filter(events::client_code.eq(client.as_str()))
        .order(events::sequence)
        .select(EventRow::as_select())
        .load(conn)
        .await?
        .into_iter()
        .map(EventRow::read)
        .collect()
}

pub async fn count_unpublished(conn: &mut Conn) -> Result<i64, Failure> {
    let count = events::table
        .filter(events::published_at.is_null())
        .count()
        .get_result(conn)
        .await?;
    Ok(count)
}
