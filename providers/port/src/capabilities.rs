//! What a provider can do, as data that is checked before any I/O.

use std::time::Duration;

use crate::PaymentMethod;

#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    pub methods: &'static [PaymentMethod],
    /// Whether creating a payment may be repeated with the same [`crate::OperationId`] after an
    /// unknown outcome. False: it is never resent (CONTRACT 8.11).
    pub create_is_idempotent: bool,
    pub partial_capture: bool,
    pub partial_refund: bool,
    /// A result younger than this is reused instead of asking again (CONTRACT 8.10).
    pub min_inquiry_interval: Duration,
}
