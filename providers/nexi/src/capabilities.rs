//! What Nexi can do, as data. No logic and no I/O, so that the service can check before it calls.

use std::time::Duration;

use mcpay_port::{AgreementEnd, Capabilities, ChargeCapabilities, InquiryBudget, PaymentMethod};

/// Creating a payment takes no idempotency key, so it is never resent; captures, refunds and
/// charges of agreements take one. A payment may be retrieved 30 times an hour, and Nexi counts
/// whoever asks (the Payment API's "Retrieve payment").
pub const NEXI: Capabilities = Capabilities {
    methods: &[PaymentMethod::Nexi],
    create_is_idempotent: false,
    charges: ChargeCapabilities {
        idempotent: true,
        captured_at_once: true,
        kept_until_due: None,
    },
    agreement_end: AgreementEnd::ByForgetting,
    partial_capture: true,
    partial_refund: true,
    min_inquiry_interval: Duration::from_secs(1),
    polling: None,
    inquiry_budget: Some(InquiryBudget {
        per_hour: 30,
        reserved: 10,
    }),
};
