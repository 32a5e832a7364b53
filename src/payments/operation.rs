//! One attempt on a payment: stored before the provider is called, finished by what it answered.

use chrono::{DateTime, Utc};
use mcpay_port::{Money, Operation, OperationId, PaymentRef, ProviderError};

use super::payment::Payment;
use crate::ports::Ids;

named! {
    /// What is attempted.
    OperationKind {
        Initiate => "initiate",
        /// Close a payment that is not yet authorised.
        Close => "close",
        Capture => "capture",
        /// Release what is authorised and not captured.
        Cancel => "cancel",
        Refund => "refund",
        /// Charge an agreement.
        Charge => "charge",
        /// End an agreement.
        Stop => "stop",
    }
}

named! {
    /// How the attempt ended.
    OperationStatus {
        /// The intent is stored; the provider may or may not have heard of it.
        Requested => "requested",
        Done => "done",
        /// The provider will tell the end later.
        Accepted => "accepted",
        /// It did not happen.
        Failed => "failed",
        /// It may have happened; the reconciler owns it.
        Unknown => "unknown",
    }
}

/// The intent of an attempt, committed before the call.
#[derive(Clone, Debug)]
pub struct NewOperation {
    pub operation: Operation,
    pub payment: PaymentRef,
    pub kind: OperationKind,
    /// Absent where the operation is about everything there is (close, cancel, stop).
    pub amount: Option<Money>,
    /// The part of `amount` that is VAT.
    pub vat: Option<Money>,
    /// The order that a refund is for, where a payment pays for several.
    pub order: Option<i64>,
    pub requested_at: DateTime<Utc>,
    /// When somebody else looks after it if its owner has not recorded an end: after a crash, or
    /// because it has to wait for its day. `None` for what only inquiries can find out.
    pub due_at: Option<DateTime<Utc>>,
}

impl NewOperation {
    /// A fresh attempt on a payment, about everything there is.
    pub fn on(payment: &Payment, kind: OperationKind, now: DateTime<Utc>, ids: &dyn Ids) -> Self {
        Self {
            operation: Operation {
                id: OperationId(ids.uuid()),
                number: ids.number(),
            },
            payment: payment.reference,
            kind,
            amount: None,
            vat: None,
            order: None,
            requested_at: now,
            due_at: None,
        }
    }

    /// As it is stored now.
    pub(super) fn into_stored(self) -> StoredOperation {
        StoredOperation {
            operation: self.operation,
            payment: self.payment,
            kind: self.kind,
            amount: self.amount,
            vat: self.vat,
            order: self.order,
            status: OperationStatus::Requested,
            code: None,
            requested_at: self.requested_at,
            finished_at: None,
            due_at: self.due_at,
            tries: 0,
        }
    }
}

/// An attempt as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOperation {
    pub operation: Operation,
    pub payment: PaymentRef,
    pub kind: OperationKind,
    pub amount: Option<Money>,
    pub vat: Option<Money>,
    pub order: Option<i64>,
    pub status: OperationStatus,
    /// The provider's code for a refusal.
    pub code: Option<String>,
    pub requested_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    /// How often it was looked after since its owner was lost.
    pub tries: i32,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct OperationOutcome {
    pub operation: Operation,
    pub status: OperationStatus,
    /// The provider's code for a refusal.
    pub code: Option<String>,
    pub finished_at: DateTime<Utc>,
    /// When it is looked after again; only for an outcome that is not final.
    pub due_at: Option<DateTime<Utc>>,
}

impl OperationOutcome {
    /// An end that no answer of the provider tells. Nobody looks after the operation any more.
    pub fn ended(
        operation: Operation,
        status: OperationStatus,
        finished_at: DateTime<Utc>,
    ) -> Self {
        Self {
            operation,
            status,
            code: None,
            finished_at,
            due_at: None,
        }
    }

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
            due_at: None,
        }
    }
}
