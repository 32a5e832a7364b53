//! Keeps the webhooks of every account registered: looked at when the process starts, daily, and as
//! soon as an account appears.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::payments::Payments;

const EVERY: Duration = Duration::from_secs(2);

pub fn start(jobs: &Jobs, payments: &Arc<Payments>) {
    let payments = Arc::clone(payments);
    jobs.every("keep webhooks registered", EVERY, None, move || {
        let payments = Arc::clone(&payments);
        async move {
            payments.keep_registered().await;
            Ok(Tick::Idle)
        }
    });
}
