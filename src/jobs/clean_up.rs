//! Forgets what nobody may ask for any more: idempotency keys after 7 days (CONTRACT 8.13), hints
//! that were worked off, and keys whose last token has expired.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::access::Access;
use crate::payments::Payments;

const EVERY: Duration = Duration::from_secs(600);

pub fn start(jobs: &Jobs, payments: &Arc<Payments>, access: &Arc<Access>) {
    let (payments, access) = (Arc::clone(payments), Arc::clone(access));
    jobs.every("clean up", EVERY, None, move || {
        let (payments, access) = (Arc::clone(&payments), Arc::clone(&access));
        async move {
            payments.forget_old_keys().await?;
            access.forget_old_keys().await?;
            Ok(Tick::Idle)
        }
    });
}
