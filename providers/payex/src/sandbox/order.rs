//! A payment order as the provider keeps it: fields, attempts, transactions, and the arithmetic of
//! what is left to capture, cancel and reverse.
//!
//! What must never be here: a full card number (a card is a row of the test card table), and a
//! `Debug` that would print the merchant's links and the payer's tokens.

use chrono::{DateTime, SecondsFormat, Timelike, Utc};
use mcpay_sandbox::Notifications;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::cards::Card;
use super::problems::Problem;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Operation {
    #[default]
    Purchase,
    Verify,
    Recur,
    UnscheduledPurchase,
}

impl Operation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Purchase => "Purchase",
            Self::Verify => "Verify",
            Self::Recur => "Recur",
            Self::UnscheduledPurchase => "UnscheduledPurchase",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    #[default]
    Initialized,
    Paid,
    Failed,
    Cancelled,
    Reversed,
    Aborted,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Initialized => "Initialized",
            Self::Paid => "Paid",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Reversed => "Reversed",
            Self::Aborted => "Aborted",
        }
    }
}

/// Which user interface was opened; empty in the API until one was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Integration {
    #[default]
    None,
    HostedView,
    Redirect,
}

impl Integration {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::HostedView => "HostedView",
            Self::Redirect => "Redirect",
        }
    }
}

#[derive(Clone, Default)]
pub(crate) struct Urls {
    pub(crate) hosts: Vec<Url>,
    pub(crate) complete: Option<Url>,
    pub(crate) cancel: Option<Url>,
    pub(crate) payment: Option<Url>,
    pub(crate) callback: Option<Url>,
    pub(crate) logo: Option<Url>,
    pub(crate) terms: Option<Url>,
}

/// Which tokens the payer agreed to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Generate {
    pub(crate) recurrence: bool,
    pub(crate) unscheduled: bool,
    pub(crate) payment: bool,
}

impl Generate {
    pub(crate) fn any(self) -> bool {
        self.recurrence || self.unscheduled || self.payment
    }
}

/// A token that the order made.
#[derive(Clone)]
pub(crate) struct IssuedToken {
    pub(crate) kind: &'static str,
    pub(crate) token: Uuid,
}

/// The attempt that succeeded.
#[derive(Clone)]
pub(crate) struct Paid {
    pub(crate) number: i64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) card: &'static Card,
    /// `MM/YYYY`.
    pub(crate) expiry: String,
    /// `Authorization`, or `Verification` when nothing was charged.
    pub(crate) transaction_type: &'static str,
    /// `3DSECURE` or `STANDARD`.
    pub(crate) acquirer_type: &'static str,
    /// `CARDHOLDER` or `MERCHANT`.
    pub(crate) initiator: &'static str,
    pub(crate) amount: i64,
    pub(crate) tokens: Vec<IssuedToken>,
}

/// An attempt that waits for the one-time code of 3-D Secure.
#[derive(Clone)]
pub(crate) struct Challenge {
    pub(crate) number: i64,
    pub(crate) card: &'static Card,
    pub(crate) expiry: String,
    /// The payer left a seamless view for it, and goes back to `paymentUrl`.
    pub(crate) from_frame: bool,
}

#[derive(Clone)]
pub(crate) struct FailedAttempt {
    pub(crate) at: DateTime<Utc>,
    pub(crate) number: i64,
    /// `Failed`, or `Aborted` when the payer stopped it.
    pub(crate) status: &'static str,
    pub(crate) problem: Problem,
}

#[derive(Clone)]
pub(crate) struct FailedPostPurchase {
    pub(crate) at: DateTime<Utc>,
    pub(crate) number: i64,
    pub(crate) kind: &'static str,
    pub(crate) problem: Problem,
}

#[derive(Clone)]
pub(crate) struct Transaction {
    pub(crate) id: Uuid,
    pub(crate) at: DateTime<Utc>,
    pub(crate) kind: &'static str,
    pub(crate) number: i64,
    pub(crate) amount: i64,
    pub(crate) vat_amount: i64,
    pub(crate) description: String,
    pub(crate) payee_reference: String,
    pub(crate) receipt_reference: Option<String>,
}

#[derive(Clone)]
pub(crate) struct HistoryEvent {
    pub(crate) at: DateTime<Utc>,
    pub(crate) name: &'static str,
    pub(crate) initiated_by: &'static str,
    pub(crate) number: Option<i64>,
    pub(crate) amount: Option<i64>,
}

/// What a seamless view still has to tell its page about an attempt that ended elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untold {
    AttemptFailed,
    AttemptAborted,
}

#[derive(Default)]
pub(crate) struct Order {
    pub(crate) id: Uuid,
    pub(crate) view_token: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) operation: Operation,
    pub(crate) status: Status,
    pub(crate) integration: Integration,
    pub(crate) currency: String,
    /// Minor units, VAT included.
    pub(crate) amount: i64,
    pub(crate) vat_amount: i64,
    pub(crate) description: String,
    pub(crate) system_user_agent: String,
    pub(crate) language: String,
    pub(crate) instrument_mode: bool,
    pub(crate) urls: Urls,
    pub(crate) payee_id: String,
    pub(crate) payee_reference: String,
    pub(crate) payee_name: Option<String>,
    pub(crate) product_category: Option<String>,
    /// `orderReference`: the merchant's own name for the order.
    pub(crate) merchant_reference: Option<String>,
    pub(crate) payer_reference: Option<String>,
    pub(crate) items: Option<Value>,
    pub(crate) metadata: Option<Value>,
    pub(crate) generate: Generate,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) paid: Option<Paid>,
    pub(crate) failed: Option<Problem>,
    pub(crate) captured: i64,
    pub(crate) cancelled: i64,
    pub(crate) reversed: i64,
    /// Failures in a row; five lock the operation.
    pub(crate) capture_failures: u8,
    pub(crate) reversal_failures: u8,
    pub(crate) abort_reason: Option<String>,
    pub(crate) cancel_reason: Option<String>,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) failed_attempts: Vec<FailedAttempt>,
    pub(crate) failed_post_purchases: Vec<FailedPostPurchase>,
    pub(crate) history: Vec<HistoryEvent>,
    pub(crate) untold: Option<Untold>,
    pub(crate) callbacks: Notifications,
    /// The payer approves by itself (`autoApprove` stood on when the order was made).
    pub(crate) auto_approve: bool,
    /// `payeeReference`s used by the order's captures, cancellations and reversals.
    pub(crate) used_references: Vec<String>,
}

/// Five failures in a row lock an operation until the provider's support unlocks it.
pub(crate) const FAILURES_THAT_LOCK: u8 = 5;

impl Order {
    pub(crate) fn path(&self) -> String {
        format!("/psp/paymentorders/{}", self.id)
    }

    /// What was authorised; zero for a verification and before payment.
    pub(crate) fn authorized(&self) -> i64 {
        match &self.paid {
            Some(paid) if paid.transaction_type == "Authorization" => paid.amount,
            _ => 0,
        }
    }

    /// Minor units that may still be captured, and are released by a cancellation.
    pub(crate) fn left_to_capture(&self) -> i64 {
        self.authorized()
            .saturating_sub(self.captured)
            .saturating_sub(self.cancelled)
    }

    /// Minor units that may still be given back.
    pub(crate) fn left_to_reverse(&self) -> i64 {
        self.captured.saturating_sub(self.reversed)
    }

    pub(crate) fn may_capture(&self) -> bool {
        self.status == Status::Paid
            && self.left_to_capture() > 0
            && self.capture_failures < FAILURES_THAT_LOCK
    }

    pub(crate) fn may_cancel(&self) -> bool {
        self.status == Status::Paid && self.left_to_capture() > 0
    }

    pub(crate) fn may_reverse(&self) -> bool {
        self.status == Status::Paid
            && self.left_to_reverse() > 0
            && self.reversal_failures < FAILURES_THAT_LOCK
    }

    /// Notes something in the history and that the order changed.
    pub(crate) fn note(
        &mut self,
        name: &'static str,
        initiated_by: &'static str,
        number: Option<i64>,
        amount: Option<i64>,
    ) {
        let at = Utc::now();
        self.updated_at = at;
        self.history.push(HistoryEvent {
            at,
            name,
            initiated_by,
            number,
            amount,
        });
    }
}

/// ISO 8601 in UTC with seven fractional digits, as the provider writes times.
pub(crate) fn timestamp(at: DateTime<Utc>) -> String {
    let mut text = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    text.pop();
    // A leap second counts past 999,999,999 nanoseconds.
    let fraction = (at.nanosecond() / 100).min(9_999_999);
    format!("{text}.{fraction:07}Z")
}
