//! The page where the payer pays in the redirect flow.

use actix_web::web::ServiceConfig;

/// `abortReason` of an order that the payer gave up.
pub(crate) const ABORTED_BY_PAYER: &str = "Payment aborted by payer";

pub(crate) fn configure(_: &mut ServiceConfig) {}
