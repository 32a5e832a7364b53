//! How much is looked after at once, whatever the timer finds: a provider that hangs holds up no
//! more than its places.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many payments, or operations, are looked after at once.
pub(super) const AT_ONCE: usize = 32;

/// What one look for due work found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    Idle,
    /// Some was due; there may be more.
    Busy,
    /// As much is looked after as may be at once.
    Full,
}

/// The places of one kind of work.
pub(super) struct Room(Arc<Semaphore>);

impl Room {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// Every place that is free now; each is free again when it is dropped.
    pub(super) fn take_free(&self) -> Vec<OwnedSemaphorePermit> {
        let take = || Arc::clone(&self.0).try_acquire_owned().ok();
        std::iter::from_fn(take).collect()
    }
}

impl Looked {
    pub(super) const fn of(is_idle: bool) -> Self {
        if is_idle { Self::Idle } else { Self::Busy }
    }
}
