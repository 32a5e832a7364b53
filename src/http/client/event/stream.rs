//! `GET /capi/v1/client/event/stream`: the client's own events as Server-Sent Events, from a cursor
//! on and then as they come.
//!
//! It asks the store again after each wake-up of this instance's sequencer, and every second for
//! what another instance numbered. What must never happen here: an event that is told without the
//! cursor to go on from, or an answer that outlives its token.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, ContentEncoding, HeaderName};
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use futures_util::stream::{StreamExt as _, once, unfold};
use serde::Deserialize;
use tokio::time::{Instant, sleep};
use tokio_util::sync::DropGuard;
use utoipa::IntoParams;

use super::number;
use crate::events::cloud_event::cloud_event;
use crate::events::wakeup::Listener;
use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::problem::Problem;
use crate::http::problem_responses::ListProblems;

/// How many events are read and told at once.
const PAGE: i64 = 100;
/// How often the store is asked when nobody woke us.
const POLL: Duration = Duration::from_secs(1);
/// Shorter than proxies usually wait for the next byte.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// What the caller is told first: to come back two seconds after the end of an answer.
const GREETING: &str = "retry: 2000\n\n";
const LAST_EVENT_ID: &str = "last-event-id";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// Where to begin, when there is no `Last-Event-ID`: a `next` of the event list. The start of
    /// everything without it.
    #[param(value_type = Option<i64>)]
    after: Option<String>,
}

/// The client's events after a cursor, and then each as it comes.
///
/// Every event is one message: `id` is its cursor, to be sent as `Last-Event-ID` when the answer
/// ended, and `data` is the event in JSON. A comment comes every 15 seconds. The answer ends with its
/// token, when the service stops, and when the client opens a sixth one.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(
        StreamQuery,
        ("Last-Event-ID" = Option<i64>, Header, description = "The `id` of the last message that \
            was worked on. It counts more than `after`."),
    ),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"),
        ListProblems,
    )
)]
#[get("/event/stream")]
pub async fn stream(
    app: Data<App>,
    backend: Backend,
    request: HttpRequest,
    query: Query<StreamQuery>,
) -> Result<HttpResponse, Problem> {
    let after = match request.headers().get(LAST_EVENT_ID) {
        Some(last) => {
            let last = last.to_str().unwrap_or_default();
            number("Last-Event-ID", Some(last), 0, 0..=i64::MAX)?
        }
        None => number("after", query.after.as_deref(), 0, 0..=i64::MAX)?,
    };
    let ended = app.streams.open(&backend.client.client.code);
    let following = Following {
        // Before the first look, so that nothing falls between the two.
        numbered: app.events_numbered.listen(),
        app,
        backend,
        after,
        silent_until: Instant::now() + HEARTBEAT,
        ended: ended.drop_guard(),
    };
    let greeting = once(std::future::ready(Bytes::from_static(GREETING.as_bytes())));
    let told = unfold(following, Following::next);
    let body = greeting.chain(told).map(Ok::<_, Infallible>);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compressing would hold messages back.
        .insert_header(ContentEncoding::Identity)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(body))
}

/// One answer that goes on.
struct Following {
    app: Data<App>,
    backend: Backend,
    after: i64,
    numbered: Listener,
    silent_until: Instant,
    /// Ended from outside, and told to the others when the caller hung up.
    ended: DropGuard,
}

impl Following {
    /// The next bytes; nothing when the answer is over.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        loop {
            let is_ended = self.ended.token().is_cancelled();
            if is_ended || !self.app.access.holds(&self.backend.grant) {
                return None;
            }
            let client = &self.backend.client.client.code;
            let found = self.app.events.find_events_after(client, self.after, PAGE);
            let messages = match found.await {
                // The caller comes back and goes on where it was.
                Err(error) => {
                    tracing::warn!(%error, "a stream of events ends");
                    return None;
                }
                Ok(found) if found.is_empty() => None,
                Ok(found) => {
                    let source = self.app.public_url.as_str().trim_end_matches('/');
                    let mut messages = String::new();
                    for (cursor, event) in found {
                        self.after = cursor;
                        let event = cloud_event(&event, source);
                        // JSON has no line breaks of its own, so one line of data holds it.
                        let _ = write!(messages, "id: {cursor}\ndata: {event}\n\n");
                    }
                    Some(messages)
                }
            };
            if let Some(messages) = messages {
                self.silent_until = Instant::now() + HEARTBEAT;
                return Some((Bytes::from(messages), self));
            }
            tokio::select! {
                () = self.ended.token().cancelled() => return None,
                () = self.numbered.woken() => {}
                () = sleep(POLL) => {}
            }
            if self.silent_until <= Instant::now() {
                self.silent_until = Instant::now() + HEARTBEAT;
                return Some((Bytes::from_static(b": still here\n\n"), self));
            }
        }
    }
}
