//! The timer that asks about every unfinished payment.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::payments::Payments;

const EVERY: Duration = Duration::from_secs(2);

pub fn start(jobs: &Jobs, payments: &Arc<Payments>) {
    let payments = Arc::clone(payments);
    jobs.every("reconcile", EVERY, None, move || {
        let payments = Arc::clone(&payments);
        async move {
            let looked_after = payments.reconcile().await?;
            Ok(if looked_after == 0 {
                Tick::Idle
            } else {
                Tick::More
            })
        }
    });
}
