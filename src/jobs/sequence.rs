//! The job that gives events their cursors: runs the sequencer's steps, with or without a broker.
//!
//! What must never live here: how cursors are given.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::events::sequence::{Sequenced, Sequencer};
use crate::events::wakeup::Wakeup;

/// How often it looks for events by itself, in case a call of the wakeup was made elsewhere.
const POLL_EVERY: Duration = Duration::from_secs(1);

/// After each batch the next one gathers this long: a cursor each for itself would cost a
/// transaction per event, and who reads by cursor does not notice.
const GATHER: Duration = Duration::from_millis(50);

/// Gives cursors until the jobs stop. `committed` is what use-cases wake after a commit.
pub fn start(jobs: &Jobs, sequencer: &Arc<Sequencer>, committed: &Wakeup) {
    let worker = Arc::clone(sequencer);
    jobs.every("sequence", POLL_EVERY, Some(committed), move || {
        let sequencer = Arc::clone(&worker);
        async move {
            Ok(match sequencer.step().await? {
                Sequenced::More(_) => Tick::More,
                Sequenced::Done(0) | Sequenced::Standby => Tick::Idle,
                Sequenced::Done(_) => Tick::After(GATHER),
            })
        }
    });
    let sequencer = Arc::clone(sequencer);
    jobs.on_stop("sequence", async move {
        if let Err(error) = sequencer.close().await {
            tracing::warn!(
                %error,
                "The sequencer could not give its lease up; it runs out by itself."
            );
        }
    });
}
