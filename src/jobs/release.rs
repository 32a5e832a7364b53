//! The timer that releases what no order has claimed.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::payments::Payments;
use crate::payments::room::Looked;

const EVERY: Duration = Duration::from_secs(5);

pub fn start(jobs: &Jobs, payments: &Arc<Payments>) {
    let payments = Arc::clone(payments);
    jobs.every("release", EVERY, None, move || {
        let payments = Arc::clone(&payments);
        async move {
            Ok(match payments.release_unclaimed().await? {
                Looked::Idle | Looked::Full => Tick::Idle,
                // What is at work now holds the next ones up for no longer than itself.
                Looked::Busy => Tick::After(Duration::from_secs(1)),
            })
        }
    });
}
