//! Forgets what nobody may ask for any more: idempotency keys after 7 days (CONTRACT 8.13) and hints
//! that were worked off.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::payments::Payments;

const EVERY: Duration = Duration::from_secs(600);

pub fn start(jobs: &Jobs, payments: &Arc<Payments>) {
    let payments = Arc::clone(payments);
    jobs.every("clean up", EVERY, None, move || {
        let payments = Arc::clone(&payments);
        async move {
            payments.forget_old_keys().await?;
            Ok(Tick::Idle)
        }
    });
}
