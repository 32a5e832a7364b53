//! Keeps the clients in memory true to the database, so that a revoked key dies within a second.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::clients::Registry;

const EVERY: Duration = Duration::from_secs(1);

pub fn start(jobs: &Jobs, registry: &Arc<Registry>) {
    let registry = Arc::clone(registry);
    jobs.every("refresh clients", EVERY, None, move || {
        let registry = Arc::clone(&registry);
        async move {
            registry.refresh_if_changed().await?;
            Ok(Tick::Idle)
        }
    });
}
