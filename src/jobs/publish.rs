//! The job that publishes events: runs the relay's steps.
//!
//! What must never live here: anything about AMQP.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::events::relay::{Relay, Step};
use crate::events::wakeup::Wakeup;

/// How often it looks for events by itself, in case a call of the wakeup was made elsewhere.
const POLL_EVERY: Duration = Duration::from_secs(1);

/// Publishes until the jobs stop. `committed` is what use-cases wake after a commit.
pub fn start(jobs: &Jobs, relay: &Arc<Relay>, committed: &Wakeup) {
    let stopping = jobs.stopping();
    let publisher = Arc::clone(relay);
    jobs.every("publish", POLL_EVERY, Some(committed), move || {
        let (relay, stopping) = (Arc::clone(&publisher), stopping.clone());
        async move {
            Ok(match relay.step(&stopping).await? {
                Step::Published(_) => Tick::More,
                Step::Drained | Step::Standby => Tick::Idle,
                Step::HeldUp(wait) => Tick::After(wait),
            })
        }
    });
    let relay = Arc::clone(relay);
    jobs.on_stop("publish", async move {
        if let Err(error) = relay.close().await {
            tracing::warn!(%error, "The relay could not give its lease up; it runs out by itself.");
        }
    });
}
