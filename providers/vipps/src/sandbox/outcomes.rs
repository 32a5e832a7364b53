//! The amounts that end badly, in minor units of any currency. Those up to 202 and the refunds are
//! the provider's own; 162 and 163 are this sandbox's.

/// Why an attempt to take money fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decline {
    /// What the payer is told.
    pub(crate) text: &'static str,
    /// What a failed charge says.
    pub(crate) reason: &'static str,
}

const DECLINES: [(i64, &str, &str); 9] = [
    (
        151,
        "Not enough money on the account.",
        "user_action_required",
    ),
    (182, "Refused by the card's issuer.", "non_technical_error"),
    (183, "Refused: suspected fraud.", "non_technical_error"),
    (184, "Over the withdrawal limit.", "charge_amount_too_high"),
    (186, "The card has expired.", "user_action_required"),
    (187, "The card is not valid.", "user_action_required"),
    (197, "3-D Secure was denied.", "user_action_required"),
    (201, "The result is not known.", "technical_error"),
    (
        202,
        "The payer must be authenticated.",
        "user_action_required",
    ),
];
const REFUND_WITHOUT_PAYER: i64 = 123;
const REFUND_TOO_LATE: i64 = 124;
const FUNDS_UNAVAILABLE: i64 = 162;
const CAPTURE_FAILS_ONCE: i64 = 163;

/// A payer who approves this amount is declined, and so is a charge of it.
pub(crate) fn find_decline(amount: i64) -> Option<Decline> {
    DECLINES
        .iter()
        .find(|(magic, ..)| *magic == amount)
        .map(|(_, text, reason)| Decline { text, reason })
}

/// What `_payer` `decline` stands for.
pub(crate) fn plain_decline() -> Decline {
    Decline {
        text: "Refused by the card's issuer.",
        reason: "user_action_required",
    }
}

/// How a capture of this amount fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CaptureFailure {
    /// The bank has released the money.
    FundsUnavailable,
    /// The first attempt only.
    TryLater,
}

pub(crate) fn find_capture_failure(amount: i64, failed_before: bool) -> Option<CaptureFailure> {
    match amount {
        FUNDS_UNAVAILABLE => Some(CaptureFailure::FundsUnavailable),
        CAPTURE_FAILS_ONCE if !failed_before => Some(CaptureFailure::TryLater),
        _ => None,
    }
}

/// How a refund of this amount fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundFailure {
    NoReceiver,
    TooLate,
}

pub(crate) fn find_refund_failure(amount: i64) -> Option<RefundFailure> {
    match amount {
        REFUND_WITHOUT_PAYER => Some(RefundFailure::NoReceiver),
        REFUND_TOO_LATE => Some(RefundFailure::TooLate),
        _ => None,
    }
}
