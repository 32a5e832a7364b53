//! `GET|PUT _rules`: what of a provider's own ways can be switched, beside the controls that every
//! simulator has.

use std::sync::Mutex;

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::lock::locked;
use crate::refusal::Refusal;

/// A simulator whose provider has ways that can be switched.
pub trait Ruled: Send + Sync + 'static {
    /// An object of JSON that knows all its members (`deny_unknown_fields`).
    type Rules: Clone + Serialize + DeserializeOwned;

    fn rules(&self) -> &Mutex<Self::Rules>;
}

/// `_rules`, for a scope whose data is the simulator's state.
pub fn configure<S: Ruled>(config: &mut ServiceConfig) {
    config
        .route("/_rules", web::get().to(show::<S>))
        .route("/_rules", web::put().to(change::<S>));
}

async fn show<S: Ruled>(simulator: Data<S>) -> HttpResponse {
    HttpResponse::Ok().json(locked(simulator.rules()).clone())
}

/// What the body leaves out stays as it is.
async fn change<S: Ruled>(simulator: Data<S>, body: Bytes) -> Result<HttpResponse, Refusal> {
    let unreadable = |error: serde_json::Error| {
        Refusal::unreadable("Body", format!("The rules cannot be read: {error}."))
    };
    let changes: Map<String, Value> = serde_json::from_slice(&body).map_err(unreadable)?;
    let mut rules = locked(simulator.rules());
    let mut merged = serde_json::to_value(&*rules).map_err(unreadable)?;
    if let Value::Object(members) = &mut merged {
        members.extend(changes);
    }
    *rules = serde_json::from_value(merged).map_err(unreadable)?;
    Ok(HttpResponse::Ok().json(rules.clone()))
}
