//! Calls merchants back about orders that were completed without a browser.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use super::{Jobs, Tick};
use crate::events::Wakeup;
use crate::orders::Orders;
use crate::orders::ports::Caller;

const EVERY: Duration = Duration::from_secs(2);
const AT_ONCE: i64 = 20;
/// A merchant's server that takes longer is called again.
const LIMIT: Duration = Duration::from_secs(5);

pub fn start(jobs: &Jobs, orders: &Arc<Orders>, wakeup: &Wakeup) {
    let orders = Arc::clone(orders);
    jobs.every("order callbacks", EVERY, Some(wakeup), move || {
        let orders = Arc::clone(&orders);
        async move {
            let called = orders.call_back(AT_ONCE).await?;
            Ok(if called > 0 { Tick::More } else { Tick::Idle })
        }
    });
}

/// Calls over HTTP, with the service's client, which follows no redirects.
pub struct HttpCaller(pub reqwest::Client);

#[async_trait]
impl Caller for HttpCaller {
    async fn call(&self, url: &Url) -> bool {
        let answer = self.0.get(url.clone()).timeout(LIMIT).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}
