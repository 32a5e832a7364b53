//! The demo client's events, live: what back-office consumers get from the broker.

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shop;
use crate::events::cloud_event::cloud_event;
use crate::http::app::App;
use crate::http::problem::Problem;

const PAGE: i64 = 100;

#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    after: i64,
}

#[get("/demo/events")]
pub async fn events(
    app: Data<App>,
    shop: Data<Shop>,
    query: Query<After>,
) -> Result<Json<Value>, Problem> {
    let (store, client, after) = (shop.events.clone(), shop.client.clone(), query.after);
    let found = app
        .run(async move { store.find_events_after(&client, after, PAGE).await })
        .await??;
    let source = shop.public_url.as_str().trim_end_matches('/');
    let next = found.last().map_or(after, |(cursor, _)| *cursor);
    let events: Vec<Value> = found
        .iter()
        .map(|(_, event)| cloud_event(event, source))
        .collect();
    Ok(Json(json!({ "events": events, "next": next })))
}
