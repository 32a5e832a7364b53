//! `GET /capi/v1/client/event`: the client's own events by cursor (CONTRACT 5 and 8.14). It works
//! without a broker too.

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::number;
use crate::events::cloud_event::cloud_event;
use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::problem::Problem;
use crate::http::problem_responses::ListProblems;

const DEFAULT_LIMIT: i64 = 100;
const MOST: i64 = 1_000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// The `next` of the answer before; the start of everything without it.
    #[param(value_type = Option<i64>)]
    after: Option<String>,
    /// 1 to 1000, 100 without it.
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
}

/// A page of events, oldest first.
#[derive(Serialize, ToSchema)]
pub struct EventPage {
    /// CloudEvents 1.0.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Value>,
    /// The cursor to ask with next; the one asked with when there was nothing new.
    pub next: i64,
}

/// The client's events after a cursor.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(EventQuery),
    responses(
        (status = 200, body = EventPage),
        ListProblems,
    )
)]
#[get("/event")]
pub async fn events(
    app: Data<App>,
    backend: Backend,
    query: Query<EventQuery>,
) -> Result<Json<EventPage>, Problem> {
    let after = number("after", query.after.as_deref(), 0, 0..=i64::MAX)?;
    let limit = number("limit", query.limit.as_deref(), DEFAULT_LIMIT, 1..=MOST)?;
    let client = &backend.client.client.code;
    let found = app.events.find_events_after(client, after, limit).await?;
    let source = app.public_url.as_str().trim_end_matches('/');
    Ok(Json(EventPage {
        next: found.last().map_or(after, |(cursor, _)| *cursor),
        events: found
            .iter()
            .map(|(_, event)| cloud_event(event, source))
            .collect(),
    }))
}
