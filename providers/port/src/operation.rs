//! One attempt on a payment.

use crate::OperationId;

/// What identifies an attempt towards the provider. Both values are unique and stored before the
/// call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    /// A random number of exactly 12 digits, for providers and contracts that allow no more.
    pub number: u64,
}

/// How far a capture, release or refund got (CONTRACT 8.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Done,
    /// The provider will tell the end later; the amount counts as used until then.
    Accepted,
}
