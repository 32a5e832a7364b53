//! Work that goes on at its own pace beside the requests: named loops that end in good order.
//!
//! A job is a *tick*: a small, bounded piece of work that is safe to repeat. [`Jobs::every`] calls
//! it at an interval, and at once when its [`Wakeup`] calls. To add one, write a file here with a
//! `start` function as `publish.rs` does, let it call [`Jobs::every`], and call it from where the
//! service is started:
//!
//! ```text
//! jobs.every("reconcile", Duration::from_secs(5), None, move || {
//!     let reconcile = Arc::clone(&reconcile);
//!     async move {
//!         let taken = reconcile.due_payments(100).await?; // StoreError becomes JobError
//!         Ok(if taken == 100 { Tick::More } else { Tick::Idle })
//!     }
//! });
//! jobs.on_stop("reconcile", async move { … }); // only if it holds something, such as a lease
//! jobs.stop(Duration::from_secs(20)).await;    // after the HTTP server, before the pools
//! ```
//!
//! A tick that fails, panics or takes longer than [`TICK_LIMIT`] is logged, and the loop goes on
//! after a growing wait. What must never live here: the work itself, which belongs to the domain.

pub mod clean_up;
pub mod follow_orders;
mod jitter;
pub mod order_callbacks;
pub mod profiles;
pub mod publish;
pub mod pursue;
pub mod reconcile;
pub mod refresh;
pub mod register;
pub mod release;
pub mod sequence;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::jitter::jittered;
use crate::events::wakeup::{Listener, Wakeup};
use crate::ports::StoreError;

/// A tick that takes longer is thrown away.
pub const TICK_LIMIT: Duration = Duration::from_secs(60);
/// How long everything that was given to [`Jobs::on_stop`] may take together.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);
/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What a tick says about the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Nothing left to do: wait for the interval or the wakeup.
    Idle,
    /// There may be more to do: call again at once.
    More,
    /// It cannot be done now: call again after this time, whatever wakes you.
    After(Duration),
}

/// Why a tick failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Failed(String),
}

/// Jobs that had to be torn down since they did not end in time. Their work is repeated by the
/// next process.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the background jobs did not end within {} s and were torn down", .0.as_secs())]
pub struct TornDown(pub Duration);

type Closer = (&'static str, Pin<Box<dyn Future<Output = ()> + Send>>);

/// The running jobs of the process. Needs a tokio runtime.
pub struct Jobs {
    tick_limit: Duration,
    stopping: CancellationToken,
    tearing_down: CancellationToken,
    loops: TaskTracker,
    closers: Mutex<Vec<Closer>>,
}

impl Jobs {
    pub fn new() -> Self {
        Self {
            tick_limit: TICK_LIMIT,
            stopping: CancellationToken::new(),
            tearing_down: CancellationToken::new(),
            loops: TaskTracker::new(),
            closers: Mutex::new(Vec::new()),
        }
    }

    /// Cancelled when the jobs shall end: for ticks that wait for something slow.
    pub fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Calls `tick` now, then about every `interval`, and at once when `wakeup` calls. Two ticks
    /// of one job never overlap.
    pub fn every<T, F>(
        &self,
        name: &'static str,
        interval: Duration,
        wakeup: Option<&Wakeup>,
        tick: T,
    ) where
        T: Fn() -> F + Send + 'static,
        F: Future<Output = Result<Tick, JobError>> + Send + 'static,
    {
        let job = Job {
            name,
            interval,
            listener: wakeup.map(Wakeup::listen),
            failures: 0,
            tick_limit: self.tick_limit,
            stopping: self.stopping.clone(),
            tearing_down: self.tearing_down.clone(),
        };
        self.loops.spawn(job.run(tick));
    }

    /// Runs `close` once, after every job has ended.
    pub fn on_stop(&self, name: &'static str, close: impl Future<Output = ()> + Send + 'static) {
        self.closers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((name, Box::pin(close)));
    }

    /// Ends the jobs: lets running ticks finish `within` this time, tears down what is left, then
    /// gives back what the jobs held.
    pub async fn stop(self, within: Duration) -> Result<(), TornDown> {
        self.stopping.cancel();
        self.loops.close();
        let in_time = tokio::time::timeout(within, self.loops.wait()).await;
        if in_time.is_err() {
            self.tearing_down.cancel();
            self.loops.wait().await;
        }
        let closers =
            std::mem::take(&mut *self.closers.lock().unwrap_or_else(PoisonError::into_inner));
        let closing = futures_util::future::join_all(closers.into_iter().map(close_one));
        if tokio::time::timeout(CLOSE_LIMIT, closing).await.is_err() {
            tracing::warn!("Not every background job could give back what it held.");
        }
        in_time.map_err(|_| TornDown(within))
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self::new()
    }
}

/// Apart on a task of its own, so that one that panics does not keep the others from closing.
async fn close_one((name, close): Closer) {
    if tokio::spawn(close).await.is_err() {
        tracing::error!(job = name, "Closing a background job panicked.");
    }
}

struct Job {
    name: &'static str,
    interval: Duration,
    listener: Option<Listener>,
    failures: u32,
    tick_limit: Duration,
    stopping: CancellationToken,
    tearing_down: CancellationToken,
}

impl Job {
    async fn run<T, F>(mut self, tick: T)
    where
        T: Fn() -> F,
        F: Future<Output = Result<Tick, JobError>> + Send + 'static,
    {
        while !self.stopping.is_cancelled() {
            match self.once(tick()).await {
                Ok(Tick::More) => self.failures = 0,
                Ok(Tick::Idle) => {
                    self.failures = 0;
                    self.wait_for_work().await;
                }
                Ok(Tick::After(wait)) => {
                    self.failures = 0;
                    self.pause(wait).await;
                }
                Err(reason) => {
                    self.report(&reason);
                    let wait = self.interval.saturating_mul(1 << self.failures.min(10));
                    self.failures = self.failures.saturating_add(1);
                    self.pause(wait.min(LONGEST_WAIT.max(self.interval))).await;
                }
            }
        }
    }

    /// One call of the tick, on a task of its own: a panic ends that task and not the loop.
    async fn once<F>(&self, tick: F) -> Result<Tick, JobError>
    where
        F: Future<Output = Result<Tick, JobError>> + Send + 'static,
    {
        let mut task = tokio::spawn(tick);
        let ended = tokio::select! {
            ended = &mut task => Some(ended),
            () = tokio::time::sleep(self.tick_limit) => None,
            () = self.tearing_down.cancelled() => None,
        };
        match ended {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => Err(JobError::Failed("it panicked".to_owned())),
            None => {
                task.abort();
                // Wait until it is really gone: two ticks of one job must not overlap.
                let _ = task.await;
                Err(JobError::Failed("it took too long".to_owned()))
            }
        }
    }

    /// Waits for the interval or the wakeup, whichever comes first.
    async fn wait_for_work(&mut self) {
        let woken = async {
            match &mut self.listener {
                Some(listener) => listener.woken().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = woken => {}
            () = tokio::time::sleep(jittered(self.interval)) => {}
        }
    }

    async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = tokio::time::sleep(jittered(wait)) => {}
        }
    }

    /// Once in full, then at every doubling: a database that is away must not fill the disk.
    fn report(&self, reason: &JobError) {
        let attempts = self.failures.saturating_add(1);
        if attempts.is_power_of_two() {
            tracing::error!(
                job = self.name,
                attempts,
                %reason,
                "A background job failed. It is tried again."
            );
        }
    }
}
