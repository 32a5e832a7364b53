//! What Vipps MobilePay can do, as data. No logic and no I/O, so that the service can check before
//! it calls.

use std::time::Duration;

use mcpay_port::{
    AgreementEnd, Capabilities, ChargeCapabilities, KeptCharges, PaymentMethod, Polling,
};

use crate::map::charge::RETRY_DAYS;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Everything that changes state takes an `Idempotency-Key`, and a repetition with the same key
/// gives the first answer again.
pub const VIPPS: Capabilities = Capabilities {
    methods: &[PaymentMethod::VippsEcommerce, PaymentMethod::VippsRecurring],
    create_is_idempotent: true,
    charges: ChargeCapabilities {
        idempotent: true,
        captured_at_once: true,
        kept_until_due: Some(KeptCharges {
            // The day and the retry days, each until its end.
            tried_for: DAY.saturating_mul(1 + RETRY_DAYS),
        }),
    },
    agreement_end: AgreementEnd::AtProvider,
    partial_capture: true,
    partial_refund: true,
    // A webhook is worked on within a second, and inquiries alone take half of the 120 a minute of a
    // payment and of an agreement.
    min_inquiry_interval: Duration::from_secs(1),
    // The provider asks for polling beside webhooks: from 5 s on, and slower after a while. A payment
    // lives for ten minutes.
    polling: Some(Polling {
        first: Duration::from_secs(5),
        every: Duration::from_secs(10),
        times: 60,
    }),
    // It counts by the minute, and only the charges (10) are scarce; they are asked about once the
    // payer has acted, and then seldom.
    inquiry_budget: None,
};
