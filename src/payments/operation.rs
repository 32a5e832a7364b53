//! One attempt on a payment: stored before the provider is called, finished by what it answered.

use chrono::{DateTime, Utc};
use mcpay_port::{Money, Operation, PaymentRef, ProviderError};

/// What is attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    Initiate,
    /// Close a payment that is not yet authorised.
    Close,
    Capture,
    /// Release what is authorised and not captured.
    Cancel,
    Refund,
    Charge,
}

/// How the attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationStatus {
    /// The intent is stored; the provider may or may not have heard of it.
    Requested,
    Done,
    /// The provider will tell the end later.
    Accepted,
    /// It did not happen.
    Failed,
    /// It may have happened; the reconciler owns it.
    Unknown,
}

impl OperationKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initiate => "initiate",
            Self::Close => "close",
            Self::Capture => "capture",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
            Self::Charge => "charge",
        }
    }
}

impl OperationStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Done => "done",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// The intent of an attempt, committed before the call.
#[derive(Clone, Debug)]
pub struct NewOperation {
    pub operation: Operation,
    pub payment: PaymentRef,
    pub kind: OperationKind,
    /// Absent where the operation is about everything there is (close, cancel).
    pub amount: Option<Money>,
    pub requested_at: DateTime<Utc>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct OperationOutcome {
    pub operation: Operation,
    pub status: OperationStatus,
    /// The provider's code for a refusal.
    pub code: Option<String>,
    pub finished_at: DateTime<Utc>,
}

impl OperationOutcome {
    /// What the provider's answer makes of the attempt; `success` reads how far a yes got.
    pub fn of<T>(
        operation: Operation,
        called: &Result<T, ProviderError>,
        success: impl FnOnce(&T) -> OperationStatus,
        finished_at: DateTime<Utc>,
    ) -> Self {
        let (status, code) = match called {
            Ok(answer) => (success(answer), None),
            Err(ProviderError::DidNotHappen(failure)) => {
                (OperationStatus::Failed, failure.code.clone())
            }
            Err(ProviderError::MayHaveHappened(failure)) => {
                (OperationStatus::Unknown, failure.code.clone())
            }
        };
        Self {
            operation,
            status,
            code,
            finished_at,
        }
    }
}
