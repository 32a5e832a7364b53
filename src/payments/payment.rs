//! The payment itself: what was asked for, how it stands, and what the public may know of it.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::{
    AccountId, AgreementId, Flow, Money, NextStep, PaymentMethod, PaymentRef, ProviderRef,
};

use crate::catalogue::CouponRef;
use crate::clients::{CapturePolicy, ClientCode};

/// One payment. `version` counts every stored change; a change is only written over the version it
/// was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub reference: PaymentRef,
    pub client: ClientCode,
    /// The account version it began with, and keeps (CONTRACT 8.15).
    pub account: AccountId,
    pub method: PaymentMethod,
    pub flow: Flow,
    /// The client's own reference, usable once.
    pub external_reference: String,
    /// Taken now (CONTRACT 8.1).
    pub amount: Money,
    pub vat: Money,
    pub description: String,
    pub coupon: Option<CouponRef>,
    pub agreement: Option<PaymentAgreement>,
    /// The agreement that it is a charge of.
    pub charge_of: Option<AgreementId>,
    /// When a charge is made that waits for its day, here or at the provider.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether the payer was asked to tell who they are; `None` when not.
    pub profile: Option<ProfileAsked>,
    /// What its client's settings were when it began; it keeps them.
    pub terms: SettlementTerms,
    pub status: Status,
    pub reason: Option<Reason>,
    pub amounts: Amounts,
    pub reserved: Reserved,
    /// How often the provider refused a capture that the service makes by itself.
    pub capture_refusals: i32,
    /// Whether an order stands for it (CONTRACT 8.5).
    pub claimed: bool,
    /// When it is released if no order claims it (CONTRACT 8.3).
    pub release_at: Option<DateTime<Utc>>,
    pub provider_ref: Option<ProviderRef>,
    pub next_step: Option<NextStep>,
    /// The page of CONTRACT 8.7, with `mcPayRef` in its query.
    pub page_url: String,
    pub return_url: Option<String>,
    pub return_key: ReturnKey,
    /// Why we are closing it, committed before the provider is told.
    pub closing: Option<Reason>,
    pub version: i64,
    /// How many events this payment has told; the next one gets this plus one.
    pub event_sequence: i64,
    pub created_at: DateTime<Utc>,
    /// After this an unfinished payment is closed (CONTRACT 8.8).
    pub pay_before: DateTime<Utc>,
    pub authorized_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// When the timer asks the provider next; `None` when nothing is expected to change.
    pub inquire_at: Option<DateTime<Utc>>,
    /// How often the timer has asked, for its back-off.
    pub inquiries: i32,
}

/// 128 random bits, hexadecimal: whoever has it came from the provider's return. Masked.
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnKey(pub String);

impl ReturnKey {
    /// Compares in constant time.
    pub fn matches(&self, key: &str) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), key.as_bytes()).is_ok()
    }
}

impl fmt::Debug for ReturnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnKey")
    }
}

/// The agreement a first payment opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentAgreement {
    pub id: AgreementId,
    pub active: bool,
}

/// What has happened to the money, all in the payment's currency, and
/// `refunded <= captured`, `captured + cancelled <= authorized`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    pub authorized: Money,
    pub captured: Money,
    pub cancelled: Money,
    pub refunded: Money,
}

/// Sums of our own captures and refunds that have not failed, whether the provider has told of
/// them yet or not: what they use up can not be asked for again (CONTRACT 8.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    pub captured: Money,
    pub refunded: Money,
}

/// How an authorised payment goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementTerms {
    pub capture: CapturePolicy,
    /// How long an authorised payment waits for an order, under [`CapturePolicy::OnOrder`].
    pub claim_within: TimeDelta,
}

named! {
    /// How a payment stands.
    Status {
        /// The payer has not finished, or the provider was not heard of yet.
        Initiated => "initiated",
        /// Nobody but the provider can tell, and it has not, or not in words we trust.
        Unknown => "unknown",
        Authorized => "authorized",
        Captured => "captured",
        Refunded => "refunded",
        Cancelled => "cancelled",
        Failed => "failed",
        Expired => "expired",
    }
}

named! {
    /// Why a payment failed, as the public may know it.
    Reason {
        Cancel => "cancel",
        Declined => "declined",
        Expired => "expired",
        Error => "error",
    }
}

named! {
    /// How far a profile has got that the payer was asked for.
    ProfileAsked {
        Asked => "asked",
        /// The provider has told whose it is.
        Known => "known",
    }
}

named! {
    /// What a page may know (CONTRACT 4.2).
    PublicStatus {
        Pending => "pending",
        Success => "success",
        Failure => "failure",
    }
}

impl Status {
    pub const fn public(self) -> PublicStatus {
        match self {
            Self::Initiated | Self::Unknown => PublicStatus::Pending,
            Self::Authorized | Self::Captured | Self::Refunded => PublicStatus::Success,
            Self::Cancelled | Self::Failed | Self::Expired => PublicStatus::Failure,
        }
    }

    /// Whether the payer can still act, as far as we know.
    pub const fn is_pending(self) -> bool {
        matches!(self.public(), PublicStatus::Pending)
    }
}

impl Reserved {
    pub const fn none(currency: mcpay_port::Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            captured: zero,
            refunded: zero,
        }
    }
}

impl Amounts {
    pub const fn none(currency: mcpay_port::Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            authorized: zero,
            captured: zero,
            cancelled: zero,
            refunded: zero,
        }
    }
}

impl Amounts {
    /// `refunded <= captured` and `captured + cancelled <= authorized`, all of one currency and
    /// none negative: the rules that the database's constraints repeat.
    pub fn are_consistent(&self) -> bool {
        let all = [
            self.authorized,
            self.captured,
            self.cancelled,
            self.refunded,
        ];
        let one_currency = all
            .iter()
            .all(|money| money.currency() == self.authorized.currency());
        let used = self.captured.checked_add(self.cancelled);
        one_currency
            && all.iter().all(|money| money.minor() >= 0)
            && self.refunded.minor() <= self.captured.minor()
            && used.is_ok_and(|used| used.minor() <= self.authorized.minor())
    }

    /// Whether any amount is less than in `before`: amounts only ever grow.
    pub(super) fn is_less_than(&self, before: &Self) -> bool {
        let less = |after: Money, before: Money| after.minor() < before.minor();
        less(self.authorized, before.authorized)
            || less(self.captured, before.captured)
            || less(self.cancelled, before.cancelled)
            || less(self.refunded, before.refunded)
    }

    pub(super) fn is_fully_released(&self) -> bool {
        self.cancelled.is_positive() && self.cancelled == self.authorized
    }
}
