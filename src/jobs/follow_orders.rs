//! Brings orders in line with their payments.

use std::sync::Arc;
use std::time::Duration;

use super::{Jobs, Tick};
use crate::events::Wakeup;
use crate::orders::Orders;

/// Whoever changes a payment wakes us; this is for what another process changed.
const EVERY: Duration = Duration::from_secs(5);
const AT_ONCE: i64 = 100;

pub fn start(jobs: &Jobs, orders: &Arc<Orders>, wakeup: &Wakeup) {
    let orders = Arc::clone(orders);
    jobs.every("follow orders", EVERY, Some(wakeup), move || {
        let orders = Arc::clone(&orders);
        async move {
            let followed = orders.follow_changed(AT_ONCE).await?;
            let is_full = i64::try_from(followed).is_ok_and(|followed| followed >= AT_ONCE);
            Ok(if is_full { Tick::More } else { Tick::Idle })
        }
    });
}
