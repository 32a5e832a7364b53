//! What a simulator does in the background, and how it ends.

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Background tasks on the runtime that was there when it was made; clones share them.
#[derive(Clone, Debug)]
pub struct Tasks {
    stop: CancellationToken,
    tracker: TaskTracker,
    runtime: Option<Handle>,
}

impl Default for Tasks {
    fn default() -> Self {
        Self {
            stop: CancellationToken::new(),
            tracker: TaskTracker::new(),
            runtime: Handle::try_current().ok(),
        }
    }
}

impl Tasks {
    /// Runs something in the background until it is over or [`Tasks::shutdown`] is called.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        let task = async move { stop.run_until_cancelled_owned(task).await.unwrap_or(()) };
        match &self.runtime {
            Some(runtime) => self.tracker.spawn_on(task, runtime),
            None => self.tracker.spawn(task),
        };
    }

    /// Waits until somebody calls [`Tasks::shutdown`].
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Drops what still runs, and waits until it is gone.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}
