//! `POST|GET /webhooks` and `DELETE /webhooks/{id}`: the addresses that a sales unit registered.

use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::sandbox::api::{Answer, Body, Call, Needs, Reply, handle};
use crate::sandbox::fields::{Fields, Wrong, read_web_url};
use crate::sandbox::problem::{Family, Problem};
use crate::sandbox::state::{State, locked};

const FAMILY: Family = Family::Webhooks;
/// Registrations of one event by one sales unit.
const MOST_OF_AN_EVENT: usize = 25;
const EVENTS: [&str; 20] = [
    "epayments.payment.created.v1",
    "epayments.payment.authorized.v1",
    "epayments.payment.aborted.v1",
    "epayments.payment.expired.v1",
    "epayments.payment.terminated.v1",
    "epayments.payment.captured.v1",
    "epayments.payment.cancelled.v1",
    "epayments.payment.refunded.v1",
    "recurring.agreement-activated.v1",
    "recurring.agreement-rejected.v1",
    "recurring.agreement-stopped.v1",
    "recurring.agreement-expired.v1",
    "recurring.charge-reserved.v1",
    "recurring.charge-captured.v1",
    "recurring.charge-canceled.v1",
    "recurring.charge-refunded.v1",
    "recurring.charge-failed.v1",
    "recurring.charge-creation-failed.v1",
    "login.merchant-initiated.ping.v1",
    "user.checked-in.v1",
];

/// No `Debug`: the secret is shown once, to who registered.
pub(crate) struct Registration {
    pub(crate) id: Uuid,
    pub(crate) unit: String,
    pub(crate) url: Url,
    pub(crate) secret: String,
    events: Vec<&'static str>,
}

impl Registration {
    pub(crate) fn wants(&self, event: &str) -> bool {
        self.events.contains(&event)
    }
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/webhooks/v1/webhooks", web::post().to(post))
        .route("/webhooks/v1/webhooks", web::get().to(get))
        .route("/webhooks/v1/webhooks/{id}", web::delete().to(delete));
}

async fn post(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    handle(
        state,
        request,
        body,
        Needs::writes(FAMILY, Body::Required),
        register,
    )
    .await
}

async fn get(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    handle(state, request, body, Needs::reads(FAMILY), |call| {
        Ok(list(call))
    })
    .await
}

async fn delete(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    id: Path<String>,
) -> HttpResponse {
    let needs = Needs::writes(FAMILY, Body::None);
    handle(state, request, body, needs, |call| remove(call, &id)).await
}

fn register(call: &Call<'_>) -> Answer {
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let url = read_web_url(fields.required_text("url", 1..=1024));
    if url.is_none() && fields.has("url") {
        fields.refuse("url", "must be an https URL (http only for this machine)");
    }
    let events = read_events(&fields);
    fields.close();
    wrong.check(FAMILY)?;
    let mut registrations = locked(&call.state.registrations);
    for event in &events {
        let same = registrations
            .iter()
            .filter(|known| known.unit == call.unit() && known.wants(event));
        if same.count() >= MOST_OF_AN_EVENT {
            let text = format!("{event} has {MOST_OF_AN_EVENT} registrations already");
            wrong.add("events", text);
        }
    }
    wrong.check(FAMILY)?;
    let Some(url) = url else {
        return Err(Problem::header(FAMILY, "url", "is required"));
    };
    let (id, secret) = (Uuid::new_v4(), Uuid::new_v4().to_string());
    let answer = json!({ "id": id, "secret": secret });
    registrations.push(Registration {
        id,
        unit: call.unit().to_owned(),
        url,
        secret,
        events,
    });
    Ok(Reply::json(201, answer))
}

fn read_events(fields: &Fields<'_>) -> Vec<&'static str> {
    let sent = fields.value("events").and_then(Value::as_array);
    let mut events = Vec::new();
    for event in sent.into_iter().flatten() {
        match EVENTS.iter().find(|known| event.as_str() == Some(**known)) {
            Some(known) if !events.contains(known) => events.push(*known),
            Some(_) => {}
            None => fields.refuse("events", "has an event that is not known"),
        }
    }
    if sent.is_none_or(Vec::is_empty) {
        fields.refuse("events", "must name at least one event");
    }
    events
}

fn list(call: &Call<'_>) -> Reply {
    let registrations = locked(&call.state.registrations);
    let own = registrations
        .iter()
        .filter(|known| known.unit == call.unit());
    let shown: Vec<Value> = own
        .map(|known| json!({ "id": known.id, "url": known.url, "events": known.events }))
        .collect();
    Reply::json(200, json!({ "webhooks": shown }))
}

fn remove(call: &Call<'_>, id: &str) -> Answer {
    let mut registrations = locked(&call.state.registrations);
    let own = |known: &Registration| known.unit == call.unit() && known.id.to_string() == id;
    let Some(place) = registrations.iter().position(own) else {
        return Err(Problem::not_found(FAMILY, "There is no such webhook."));
    };
    registrations.remove(place);
    Ok(Reply::empty(204))
}
