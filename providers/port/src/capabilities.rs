//! What a provider can do, as data that is checked before any I/O.

use std::time::Duration;

use crate::PaymentMethod;

#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    pub methods: &'static [PaymentMethod],
    /// Whether creating a payment may be repeated with the same [`crate::OperationId`] after an
    /// unknown outcome. False: it is never resent (CONTRACT 8.11).
    pub create_is_idempotent: bool,
    pub charges: ChargeCapabilities,
    pub agreement_end: AgreementEnd,
    pub partial_capture: bool,
    pub partial_refund: bool,
    /// A result younger than this is reused instead of asking again (CONTRACT 8.10).
    pub min_inquiry_interval: Duration,
    /// How the timer asks about a payment that its payer has not finished; the service's own
    /// back-off when absent.
    pub polling: Option<Polling>,
    /// How often one payment may be asked about, where the provider counts.
    pub inquiry_budget: Option<InquiryBudget>,
}

/// How a provider charges agreements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargeCapabilities {
    /// Whether a charge may be repeated with the same [`crate::OperationId`].
    pub idempotent: bool,
    /// Whether a charge is captured as it is made, so that no capture follows.
    pub captured_at_once: bool,
    /// How the provider keeps a charge until its due date. Absent: the service waits.
    pub kept_until_due: Option<KeptCharges>,
}

/// How a provider keeps charges. The day of one that nobody gave a day is told by
/// [`crate::Provider::first_due`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptCharges {
    /// How long after its day has begun the provider may still take a charge: on that day at several
    /// hours, and on the days after it.
    pub tried_for: Duration,
}

/// What ends a permission to charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreementEnd {
    /// The provider refuses to charge an agreement that was stopped.
    AtProvider,
    /// The provider has no such call: the permission ends when the service forgets the token.
    ByForgetting,
}

/// A steady pace while the payer is likely to act. After it the waits double.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// The first question comes this long after the start.
    pub first: Duration,
    pub every: Duration,
    /// How often it is asked at that pace.
    pub times: u32,
}

/// Inquiries about one payment in any hour (CONTRACT 8.10). A release and a refund count as one each,
/// because an adapter may have to look before it does them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InquiryBudget {
    pub per_hour: u32,
    /// The part that pages and browsers may not use up: kept for callbacks and the timer.
    pub reserved: u32,
}
