//! What every handler gets, and the way out of actix's workers.

use std::future::Future;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::client_address::TrustedProxies;
use super::problem::{Code, Problem};
use super::rate_limit::RateLimits;
use super::readiness::Readiness;
use super::streams::Streams;
use crate::access::Access;
use crate::clients::Registry;
use crate::events::Wakeup;
use crate::events::ports::EventStore;
use crate::orders::Orders;
use crate::payments::Payments;
use crate::ports::Clock;

/// Shared by all workers.
pub struct App {
    pub clock: Arc<dyn Clock>,
    pub payments: Arc<Payments>,
    pub access: Arc<Access>,
    pub events: Arc<dyn EventStore>,
    /// Wakes when events have got their cursors.
    pub events_numbered: Wakeup,
    pub orders: Arc<Orders>,
    pub registry: Arc<Registry>,
    pub limits: RateLimits,
    pub streams: Streams,
    pub readiness: Arc<dyn Readiness>,
    pub trusted_proxies: TrustedProxies,
    /// Where browsers and providers reach this service.
    pub public_url: Url,
    /// Every unit of work, so that stopping waits for those whose callers have hung up.
    pub work: TaskTracker,
    /// Cancelled when the service stops: ends answers that would go on for ever.
    pub stopping: CancellationToken,
    /// The main runtime.
    pub runtime: Handle,
}

impl App {
    /// Runs a unit of work on the main runtime and waits for it. A caller who hangs up then cuts
    /// nothing: the work goes on to its end (a provider call and its outcome belong together).
    pub async fn run<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.work
            .spawn_on(work, &self.runtime)
            .await
            .map_err(|error| {
                tracing::error!(%error, "a unit of work crashed");
                Problem::new(Code::Internal)
            })
    }
}
