//! A payment as retrieved -> the provider's truth in our words.
//!
//! Nexi has no status: how a payment stands follows from the sums in `summary`, in the order that
//! Nexi's own plug-ins use. Reserved, charged and cancelled are cumulative; accounts that are
//! debited at once never reserve; a refund counts once it is completed.

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::{
    Attempt, Currency, EndReason, Failure, FailureKind, Money, ProviderRef, Snapshot, Standing,
};

use crate::link;
use crate::map::agreement::find_token;
use crate::map::refund;
use crate::wire::answer::{Payment, Retrieved, Summary};

/// How long the payer can finish a checkout (the Payment API's "Create payment").
const SESSION: TimeDelta = TimeDelta::hours(48);

fn bad(title: &str) -> Failure {
    Failure::new(FailureKind::BadAnswer).titled(title)
}

/// The payment in an answer.
///
/// # Errors
/// A [`Failure`] when there is none, or another one than was asked for.
pub fn payment(asked: &ProviderRef, retrieved: Retrieved) -> Result<Payment, Failure> {
    let payment = retrieved
        .payment
        .ok_or_else(|| bad("the answer has no payment"))?;
    let is_another = |id: &str| !link::is_same_id(id, asked.as_str());
    if payment.id.as_deref().is_some_and(is_another) {
        return Err(bad("the answer is about another payment"));
    }
    Ok(payment)
}

/// `now` by Nexi's clock; without it no session is taken for expired.
///
/// # Errors
/// A [`Failure`] when the amount cannot be read.
pub fn snapshot(
    attempt: &Attempt,
    asked: &ProviderRef,
    payment: &Payment,
    now: Option<DateTime<Utc>>,
) -> Result<Snapshot, Failure> {
    let ordered = payment.order_details.as_ref();
    let currency = match ordered.and_then(|order| order.currency.as_deref()) {
        None => attempt.amount.currency(),
        Some(code) => Currency::from_code(code).ok_or_else(|| bad("the currency is unknown"))?,
    };
    let total = match ordered.and_then(|order| order.amount) {
        Some(minor) => minor,
        // Zeros are left out.
        None if attempt.amount.is_zero() => 0,
        None => return Err(bad("the payment has no amount")),
    };
    let (standing, amounts) = standing(payment, total, now);
    let money = |minor| Money::new(minor, currency);
    // A charge was made with a permission; it brings none.
    let may_permit = standing == Standing::Approved && attempt.charge.is_none();
    Ok(Snapshot {
        provider_ref: asked.clone(),
        reference: find_reference(payment),
        order_amount: money(total),
        authorized: money(authorized(amounts)),
        captured: money(amounts.charged()),
        cancelled: money(amounts.cancelled()),
        refunded: money(amounts.refunded()),
        refunds: refund::seen(payment, currency),
        agreement: may_permit.then(|| find_token(payment)).flatten().into(),
        standing,
        profile_subject: None,
    })
}

fn find_reference(payment: &Payment) -> Option<String> {
    let ordered = || payment.order_details.as_ref()?.reference.clone();
    payment.my_reference.clone().or_else(ordered)
}

fn authorized(amounts: Summary) -> i64 {
    amounts.reserved().max(amounts.charged())
}

/// How the payment stands, and the amounts that go with it.
fn standing(payment: &Payment, total: i64, now: Option<DateTime<Utc>>) -> (Standing, Summary) {
    let nothing = Summary::default();
    let amounts = payment.summary();
    if let Err(why) = check(amounts) {
        return (Standing::Unknown(why.to_owned()), nothing);
    }
    if authorized(amounts) > 0 {
        if total == 0 {
            let why = "a registration with amounts";
            return (Standing::Unknown(why.to_owned()), nothing);
        }
        return (Standing::Approved, amounts);
    }
    if payment.terminated.as_ref().is_some_and(|at| !at.is_empty()) {
        return (Standing::Ended(EndReason::Cancelled), nothing);
    }
    if total == 0 && is_registered(payment) {
        return (Standing::Approved, nothing);
    }
    // A declined attempt leaves no trace: the payer may try again in the same session.
    if is_expired(payment, now) {
        return (Standing::Ended(EndReason::Expired), nothing);
    }
    (Standing::Pending, nothing)
}

/// # Errors
/// A phrase saying which numbers do not agree.
fn check(amounts: Summary) -> Result<(), &'static str> {
    let (charged, cancelled) = (amounts.charged(), amounts.cancelled());
    if [amounts.reserved(), charged, cancelled, amounts.refunded()]
        .iter()
        .any(|minor| *minor < 0)
    {
        return Err("an amount is negative");
    }
    if amounts.refunded() > charged {
        return Err("more is refunded than was charged");
    }
    let used = charged.checked_add(cancelled);
    if used.is_none_or(|used| used > authorized(amounts)) {
        return Err("more is charged and cancelled than was reserved");
    }
    Ok(())
}

/// The agreement's id may be there before the payer has done anything; how it was paid may not.
fn is_registered(payment: &Payment) -> bool {
    let kind = payment
        .details
        .as_ref()
        .and_then(|details| details.payment_type.as_deref());
    find_token(payment).is_some() && kind.is_some_and(|kind| !kind.is_empty())
}

fn is_expired(payment: &Payment, now: Option<DateTime<Utc>>) -> bool {
    let created = payment
        .created
        .as_deref()
        .and_then(|created| DateTime::parse_from_rfc3339(created).ok());
    created
        .zip(now)
        .is_some_and(|(created, now)| now.signed_duration_since(created) > SESSION)
}

#[cfg(test)]
mod tests;
