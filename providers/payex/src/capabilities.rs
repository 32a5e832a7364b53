//! What PayEx can do, as data. No logic and no I/O, so that the service can check before it calls.

use std::time::Duration;

use mcpay_port::{AgreementEnd, Capabilities, ChargeCapabilities, PaymentMethod};

/// There is no idempotency key: a repeated `payeeReference` is refused, not replayed, and the first
/// answer cannot be had again. So a create is never resent (PayEx's "payeeReference" rules).
pub const PAYEX: Capabilities = Capabilities {
    methods: &[PaymentMethod::CreditcardPayex],
    create_is_idempotent: false,
    charges: ChargeCapabilities {
        idempotent: false,
        captured_at_once: false,
        kept_until_due: None,
    },
    agreement_end: AgreementEnd::AtProvider,
    partial_capture: true,
    partial_refund: true,
    min_inquiry_interval: Duration::from_secs(1),
    polling: None,
    inquiry_budget: None,
};
