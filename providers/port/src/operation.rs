//! One attempt on a payment.

use chrono::{TimeDelta, Utc};

use crate::OperationId;

/// What identifies an attempt towards the provider. Both values are unique and stored before the
/// call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    /// A random number of exactly 12 digits, for providers and contracts that allow no more.
    pub number: u64,
}

impl Operation {
    /// Whether it was intended longer ago than `age`, so that its provider may have forgotten it as a
    /// key. False when its id does not tell.
    pub fn is_older_than(self, age: TimeDelta) -> bool {
        self.id
            .made_at()
            .is_some_and(|made_at| Utc::now() - made_at > age)
    }
}

/// How far a capture, release or refund got (CONTRACT 8.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Done,
    /// The provider will tell the end later; the amount counts as used until then.
    Accepted,
}
