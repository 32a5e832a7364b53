//! The one table of orders: `(set, its orders, payment) -> (set, orders, events)`.
//!
//! It is pure, and applying it twice adds nothing. What must never live here: I/O, time of its own.
//!
//! | the payment                                   | the set     | its orders                      |
//! | --------------------------------------------- | ----------- | ------------------------------- |
//! | is pending, or authorised and not yet taken   | stays open  | stay `preliminary`              |
//! | is captured as far as it is not released, or is a registration whose agreement is active | `settled` | `fulfilled`, `order.fulfilled` |
//! | was refused the capture for good              | `dissolved` | `failed`, `order.failed`; the claim is free again |
//! | was released after its authorisation          | `dissolved` | `cancelled`, `order.failed` with the reason `cancel` |
//! | ended without one                             | `dissolved` | stay `preliminary`, may be paid again |

use chrono::{DateTime, Utc};

use super::order::{Bundle, OrderStatus, SetStatus};
use crate::clients::CapturePolicy;
use crate::events::EventType;
use crate::payments::automatic::REFUSALS;
use crate::payments::payment::{Payment, Status};

/// What a payment means for the orders that it pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Pending, or authorised and not yet taken.
    OnItsWay,
    Paid,
    /// The provider refused the capture for good.
    Refused,
    /// Authorised once, and given back since.
    Released,
    /// Over without ever having been authorised.
    Ended,
}

/// What follows for a set.
#[derive(Clone, Debug)]
pub struct Step {
    /// As it shall be; equal to the one given when nothing changed.
    pub bundle: Bundle,
    /// The payment without its claim, where the claim is free again.
    pub freed: Option<Payment>,
    /// Told of every order of the set.
    pub event: Option<EventType>,
    pub reason: Option<&'static str>,
}

/// How `payment` stands for its orders.
pub fn standing_of(payment: &Payment) -> Standing {
    let is_over = matches!(
        payment.status,
        Status::Cancelled | Status::Failed | Status::Expired
    );
    if is_over {
        return if payment.authorized_at.is_some() {
            Standing::Released
        } else {
            Standing::Ended
        };
    }
    if is_paid(payment) {
        Standing::Paid
    } else if payment.capture_refusals >= REFUSALS {
        Standing::Refused
    } else {
        Standing::OnItsWay
    }
}

fn is_paid(payment: &Payment) -> bool {
    let amounts = &payment.amounts;
    if payment.amount.is_zero() {
        let is_active = payment.agreement.is_some_and(|agreement| agreement.active);
        return payment.status == Status::Authorized && is_active;
    }
    let used = amounts.captured.checked_add(amounts.cancelled);
    amounts.captured.is_positive() && used == Ok(amounts.authorized)
}

/// Brings a set in line with its payment. See the table above.
pub fn apply(bundle: &Bundle, payment: &Payment, now: DateTime<Utc>) -> Step {
    let mut step = Step {
        bundle: bundle.clone(),
        freed: None,
        event: None,
        reason: None,
    };
    if bundle.set.status != SetStatus::Open {
        return step;
    }
    step.bundle.set.seen_version = payment.version;
    match standing_of(payment) {
        Standing::OnItsWay => {}
        Standing::Paid => {
            end(&mut step, SetStatus::Settled, OrderStatus::Fulfilled, now);
            step.event = Some(EventType::OrderFulfilled);
        }
        Standing::Refused => {
            end(&mut step, SetStatus::Dissolved, OrderStatus::Failed, now);
            step.event = Some(EventType::OrderFailed);
            step.reason = Some("capture_refused");
            step.freed = Some(freed(bundle, payment, now));
        }
        Standing::Released => {
            end(&mut step, SetStatus::Dissolved, OrderStatus::Cancelled, now);
            step.event = Some(EventType::OrderFailed);
            step.reason = Some("cancel");
        }
        Standing::Ended => {
            step.bundle.set.status = SetStatus::Dissolved;
            for order in &mut step.bundle.orders {
                order.set = None;
            }
        }
    }
    step
}

fn end(step: &mut Step, set: SetStatus, order: OrderStatus, now: DateTime<Utc>) {
    step.bundle.set.status = set;
    for ended in &mut step.bundle.orders {
        ended.status = order;
        ended.ended_at = Some(now);
    }
}

/// The payment that nobody stands for any more. CONTRACT 8.3 says when it is released; one that a
/// fulfilment began is released at once, because nobody else knows of it.
fn freed(bundle: &Bundle, payment: &Payment, now: DateTime<Utc>) -> Payment {
    let of_fulfilment = bundle.set.return_url.is_some();
    let waits = payment.terms.capture == CapturePolicy::OnOrder && payment.charge_of.is_none();
    let release_at = payment
        .authorized_at
        .and_then(|at| at.checked_add_signed(payment.terms.claim_within))
        .filter(|_| waits);
    Payment {
        claimed: false,
        release_at: if of_fulfilment { Some(now) } else { release_at },
        ..payment.clone()
    }
}
