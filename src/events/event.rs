//! An event and its type (CONTRACT 6).

use chrono::{DateTime, Utc};
use mcpay_port::PaymentRef;
use serde_json::Value;
use uuid::Uuid;

use crate::clients::ClientCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    PaymentInitiated,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentCancelled,
    PaymentExpired,
    PaymentRefunded,
    PaymentUnknown,
    PaymentCaptureFailed,
    PaymentRefundFailed,
    AgreementActivated,
    AgreementStopped,
    OrderRegistered,
    OrderFulfilled,
    OrderFailed,
}

impl EventType {
    /// The routing key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentInitiated => "payment.initiated",
            Self::PaymentAuthorized => "payment.authorized",
            Self::PaymentCaptured => "payment.captured",
            Self::PaymentFailed => "payment.failed",
            Self::PaymentCancelled => "payment.cancelled",
            Self::PaymentExpired => "payment.expired",
            Self::PaymentRefunded => "payment.refunded",
            Self::PaymentUnknown => "payment.unknown",
            Self::PaymentCaptureFailed => "payment.capture_failed",
            Self::PaymentRefundFailed => "payment.refund_failed",
            Self::AgreementActivated => "agreement.activated",
            Self::AgreementStopped => "agreement.stopped",
            Self::OrderRegistered => "order.registered",
            Self::OrderFulfilled => "order.fulfilled",
            Self::OrderFailed => "order.failed",
        }
    }
}

/// An event as it is stored: immutable once written.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: Uuid,
    pub kind: String,
    /// What it is about: mcPayRef, order id or agreement id.
    pub subject: String,
    /// Counts up per subject, from 1.
    pub sequence: i64,
    pub client: ClientCode,
    /// The payment it belongs to, which is how the demo shop finds it.
    pub payment: Option<PaymentRef>,
    pub occurred_at: DateTime<Utc>,
    pub data: Value,
}
