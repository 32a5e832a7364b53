//! Fetches who paid, where the payer permitted it, and drops what may not be kept any longer.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::payments::Payments;
use crate::payments::room::Looked;

const EVERY: Duration = Duration::from_secs(2);

pub fn start(jobs: &Jobs, payments: &Arc<Payments>) {
    let payments = Arc::clone(payments);
    jobs.every("fetch profiles", EVERY, None, move || {
        let payments = Arc::clone(&payments);
        async move {
            payments.drop_profiles().await?;
            Ok(match payments.fetch_profiles().await? {
                Looked::Busy => Tick::More,
                Looked::Idle | Looked::Full => Tick::Idle,
            })
        }
    });
}
