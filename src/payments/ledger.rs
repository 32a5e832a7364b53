//! What of a payment's money can still be captured or given back: pure.
//!
//! Our own captures and refunds count from their intent on, until they fail (CONTRACT 8.12); what
//! somebody did at the provider without us counts as soon as the provider shows it. What must never
//! live here: I/O, or a decision about states.

use mcpay_port::Money;

use super::operation::{OperationKind, OperationStatus, StoredOperation};
use super::payment::Payment;
use crate::catalogue::vat::proportional_vat;

/// Reserved, and neither taken nor released.
pub fn left_to_capture(payment: &Payment) -> Money {
    let amounts = &payment.amounts;
    let used = larger(amounts.captured, payment.reserved.captured);
    less(less(amounts.authorized, amounts.cancelled), used)
}

/// Taken, and not given back.
pub fn left_to_refund(payment: &Payment) -> Money {
    let amounts = &payment.amounts;
    let used = larger(amounts.refunded, payment.reserved.refunded);
    less(amounts.captured, used)
}

/// Whether the provider has yet to show something that we asked it for.
pub fn is_behind(payment: &Payment) -> bool {
    payment.reserved.captured.minor() > payment.amounts.captured.minor()
        || payment.reserved.refunded.minor() > payment.amounts.refunded.minor()
}

/// Uses up `amount` for a capture or a refund.
pub(super) fn reserve(payment: &mut Payment, kind: OperationKind, amount: Money) {
    let (shown, reserved) = match kind {
        OperationKind::Capture => (payment.amounts.captured, &mut payment.reserved.captured),
        OperationKind::Refund => (payment.amounts.refunded, &mut payment.reserved.refunded),
        _ => return,
    };
    let used = larger(shown, *reserved);
    *reserved = used.checked_add(amount).unwrap_or(used);
}

/// Gives back what a failed operation had used up.
pub(super) fn give_back(payment: &mut Payment, kind: OperationKind, amount: Money) {
    let reserved = match kind {
        OperationKind::Capture => &mut payment.reserved.captured,
        OperationKind::Refund => &mut payment.reserved.refunded,
        _ => return,
    };
    *reserved = less(*reserved, amount);
}

/// The VAT in a part: proportional, and the last part takes the rest (CONTRACT 8.1). `before` are
/// the payment's operations so far; `amount` must not be more than what is left.
pub(super) fn vat_of_part(
    payment: &Payment,
    kind: OperationKind,
    amount: Money,
    before: &[StoredOperation],
) -> Money {
    let (whole, used) = match kind {
        OperationKind::Capture => (
            less(payment.amounts.authorized, payment.amounts.cancelled),
            larger(payment.amounts.captured, payment.reserved.captured),
        ),
        _ => (
            payment.amounts.captured,
            larger(payment.amounts.refunded, payment.reserved.refunded),
        ),
    };
    let share = |part: Money| {
        proportional_vat(payment.vat, part, payment.amount)
            .unwrap_or_else(|_| Money::zero(part.currency()))
    };
    if used.checked_add(amount) != Ok(whole) {
        // As a difference of shares, so that rounding never adds up.
        return less(share(more(used, amount)), share(used));
    }
    let zero = Money::zero(amount.currency());
    let ours = before
        .iter()
        .filter(|one| one.kind == kind && one.status != OperationStatus::Failed);
    let (sum, sum_of_vat) = ours.fold((zero, zero), |(sum, sum_of_vat), one| {
        (
            more(sum, one.amount.unwrap_or(zero)),
            more(sum_of_vat, one.vat.unwrap_or(zero)),
        )
    });
    // What others took without us had its share too.
    let taken = more(sum_of_vat, share(less(used, sum)));
    let rest = less(share(whole), taken);
    if rest.minor() > amount.minor() {
        amount
    } else {
        rest
    }
}

pub(super) fn larger(one: Money, other: Money) -> Money {
    if other.minor() > one.minor() {
        other
    } else {
        one
    }
}

fn more(one: Money, other: Money) -> Money {
    one.checked_add(other).unwrap_or(one)
}

/// Never below zero: amounts of one payment are of one currency and not negative.
fn less(one: Money, other: Money) -> Money {
    match one.checked_sub(other) {
        Ok(left) if left.minor() >= 0 => left,
        _ => Money::zero(one.currency()),
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
