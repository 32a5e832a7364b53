//! Captures that the service makes by itself (CONTRACT 8.2): pure. Their intent is written in the
//! transaction that makes them due, so that no crash can lose one.

use chrono::{DateTime, TimeDelta, Utc};

use super::ledger;
use super::operation::{NewOperation, OperationKind};
use super::payment::{Payment, Status};
use crate::clients::CapturePolicy;
use crate::ports::Ids;

/// How often the provider may refuse; `PayEx` locks an order after five refusals (CONTRACT 8.5).
pub const REFUSALS: i32 = 3;
/// How soon the timer looks whether the provider shows what was asked for.
pub(super) const LOOK_AFTER: TimeDelta = TimeDelta::seconds(5);

/// Intends the capture of everything that is left, due now; nothing when nothing is. Changes the
/// payment, which must be saved together with the operation ([`super::ports::Change`]).
pub fn automatic_capture(
    payment: &mut Payment,
    now: DateTime<Utc>,
    ids: &dyn Ids,
) -> Option<NewOperation> {
    let left = ledger::left_to_capture(payment);
    let stands = matches!(payment.status, Status::Authorized | Status::Captured);
    if !stands || !left.is_positive() {
        return None;
    }
    let vat = ledger::vat_of_part(payment, OperationKind::Capture, left, &[]);
    ledger::reserve(payment, OperationKind::Capture, left);
    payment.release_at = None;
    payment.inquire_at = Some(now + LOOK_AFTER);
    payment.inquiries = 0;
    Some(NewOperation {
        amount: Some(left),
        vat: Some(vat),
        due_at: Some(now),
        ..NewOperation::on(payment, OperationKind::Capture, now, ids)
    })
}

/// Whether nobody has to ask for this payment's capture.
pub(super) fn is_captured_by_itself(payment: &Payment) -> bool {
    payment.charge_of.is_some()
        || match payment.terms.capture {
            CapturePolicy::Immediate => true,
            CapturePolicy::OnOrder => payment.claimed,
            CapturePolicy::Manual => false,
        }
}
