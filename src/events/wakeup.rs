//! The signal "something was committed", from a use-case to everything that works off the outbox.
//!
//! It carries nothing and may be lost: whoever waits for it also polls. It exists so that an event
//! reaches the broker within milliseconds of its commit. What must never live here: the event
//! itself, because only the database knows what was really committed.

use tokio::sync::watch;

/// Cheap to clone; every clone wakes the same listeners.
#[derive(Clone, Debug)]
pub struct Wakeup(watch::Sender<()>);

/// One waiter. A call that came while it was busy is remembered, and several count as one.
#[derive(Debug)]
pub struct Listener(watch::Receiver<()>);

impl Wakeup {
    pub fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Call this after a commit that wrote events. Never blocks, never fails.
    pub fn wake(&self) {
        self.0.send_replace(());
    }

    pub fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

impl Default for Wakeup {
    fn default() -> Self {
        Self::new()
    }
}

impl Listener {
    /// Returns at the first call since the last return. Pends for ever once every [`Wakeup`] is
    /// gone, so that the listener falls back to its polling. Safe to cancel.
    pub async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_call_made_while_the_listeners_were_busy_reaches_each_of_them() {
        let wakeup = Wakeup::new();
        let mut first = wakeup.listen();
        let mut second = wakeup.listen();
        wakeup.wake();
        assert!(first.woken().now_or_never().is_some(), "the first slept on");
        assert!(
            second.woken().now_or_never().is_some(),
            "the second slept on"
        );
    }

    #[tokio::test]
    async fn several_calls_wake_once_and_the_end_of_the_caller_is_no_call() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.listen();
        assert!(listener.woken().now_or_never().is_none(), "nobody called");
        wakeup.wake();
        wakeup.clone().wake();
        assert!(listener.woken().now_or_never().is_some());
        assert!(
            listener.woken().now_or_never().is_none(),
            "two calls woke it twice"
        );
        drop(wakeup);
        assert!(
            listener.woken().now_or_never().is_none(),
            "the end counted as a call"
        );
    }
}
