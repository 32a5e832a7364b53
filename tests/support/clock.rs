//! A clock that runs like the real one and can be moved ahead.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, SubsecRound as _, Utc};
use mcpay::ports::Clock;

#[derive(Default)]
pub struct MovableClock(AtomicI64);

impl MovableClock {
    /// Moves the time ahead for the service under test.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> DateTime<Utc> {
        let ahead = Duration::milliseconds(self.0.load(Ordering::SeqCst));
        (Utc::now() + ahead).trunc_subsecs(6)
    }
}
