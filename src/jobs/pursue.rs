//! The timer that carries on operations whose owner did not bring them to an end.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::payments::Payments;
use crate::payments::room::Looked;

const EVERY: Duration = Duration::from_secs(2);
/// As long as a provider's answer usually takes.
const WHEN_FULL: Duration = Duration::from_millis(100);

pub fn start(jobs: &Jobs, payments: &Arc<Payments>) {
    let work = Arc::clone(payments);
    jobs.every(
        "pursue",
        EVERY,
        Some(payments.operations_due()),
        move || {
            let payments = Arc::clone(&work);
            async move {
                Ok(match payments.pursue().await? {
                    Looked::Idle => Tick::Idle,
                    Looked::Busy => Tick::More,
                    Looked::Full => Tick::After(WHEN_FULL),
                })
            }
        },
    );
}
