//! The one transition function: `(payment, provider snapshot) -> (payment, events)`.
//!
//! It is pure. Applying the same snapshot twice adds nothing, and no other code decides how a
//! payment stands. What must never live here: I/O, time of its own, a provider's name.
//!
//! | the provider says          | and we had      | then                                          |
//! | -------------------------- | --------------- | --------------------------------------------- |
//! | another amount, currency or reference | pending | `unknown`, with an alert; never success    |
//! |                            | anything else   | nothing changes, with an alert                |
//! | a status its adapter does not know | pending | `unknown`                                     |
//! | pending                    | unknown         | `initiated` again                             |
//! |                            | ended           | close it (CONTRACT 8.8)                       |
//! | approved                   | pending         | `authorized`, `captured` … by the amounts     |
//! |                            | ended, never authorised | stays so; release the money at once (8.8) |
//! | ended                      | pending         | `cancelled`, `failed` or `expired`            |
//! | fewer amounts than we know | anything        | nothing: that answer was overtaken            |
//! | less than we asked it for  | authorised      | the timer asks on                             |
//! | the permission is over     | active          | the agreement ends (CONTRACT 8.4)             |
//!
//! A payment that waits for an order is released at `release_at`; that is set when it is authorised
//! and cleared as soon as it is claimed, captured or over (CONTRACT 8.3).

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::{AgreementToken, EndReason, RefundSeen, Snapshot, Standing};
use secrecy::SecretString;

use super::ledger;
use super::payment::{Amounts, Payment, ProfileAsked, Reason, Status};
use crate::clients::CapturePolicy;
use crate::events::EventType;

/// How long after the approval a provider is asked who paid.
const SUBJECT_LIMIT: TimeDelta = TimeDelta::minutes(15);

/// What follows from a snapshot.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The payment as it shall be; equal to the one given when nothing changed.
    pub payment: Payment,
    /// Whether it became authorised now.
    pub authorized: bool,
    /// In the order in which they happened.
    pub events: Vec<EventType>,
    /// The provider's permission to charge, when it is new to us.
    pub activation: Option<AgreementToken>,
    /// The provider has said that the permission which it gave is over.
    pub agreement_over: bool,
    /// Who paid, when it is new to us.
    pub profile_subject: Option<SecretString>,
    pub follow_up: FollowUp,
    /// What the provider tells of our refunds; nothing when it is not believed.
    pub refunds: Vec<RefundSeen>,
    /// Something a person should look at.
    pub alert: Option<Alert>,
}

impl Transition {
    fn none(payment: &Payment) -> Self {
        Self {
            payment: payment.clone(),
            authorized: false,
            events: Vec::new(),
            activation: None,
            agreement_over: false,
            profile_subject: None,
            follow_up: FollowUp::Nothing,
            refunds: Vec::new(),
            alert: None,
        }
    }
}

/// What must be done at the provider because of what it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUp {
    Nothing,
    /// The payment is over for us but open at the provider.
    Close,
    /// The payment is over for us but the payer's money is reserved.
    Release,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alert {
    /// The snapshot is of another amount, currency or reference.
    NotOurs(&'static str),
    UnknownStanding(String),
    /// The provider reports less than it reported before.
    Overtaken,
    /// Authorised, but the permission to charge later never came.
    NoAgreement,
    /// Registered or captured after the payment had ended for us; a person must undo it.
    ApprovedAfterEnd,
}

/// Applies what the provider says. See the table above.
pub fn apply(payment: &Payment, snapshot: &Snapshot, now: DateTime<Utc>) -> Transition {
    let mut next = Transition::none(payment);
    if let Some(what) = mismatch(payment, snapshot) {
        next.alert = Some(Alert::NotOurs(what));
        become_unknown(&mut next);
        return rest(next, now);
    }
    if next.payment.provider_ref.is_none() {
        next.payment.provider_ref = Some(snapshot.provider_ref.clone());
    }
    // However the payment stands: a permission that is over never comes back.
    next.agreement_over =
        snapshot.agreement.is_over() && payment.agreement.is_some_and(|opened| opened.active);
    match &snapshot.standing {
        Standing::Pending => apply_pending(&mut next),
        Standing::Approved => apply_approved(&mut next, snapshot, now),
        Standing::Ended(reason) => apply_ended(&mut next, *reason, now),
        Standing::Unknown(status) => {
            next.alert = Some(Alert::UnknownStanding(status.clone()));
            become_unknown(&mut next);
        }
    }
    rest(next, now)
}

/// A finished payment with an alert waits for a person; asking again would only repeat it. Unless
/// the permission to charge is still to come.
fn rest(mut next: Transition, now: DateTime<Utc>) -> Transition {
    let is_over = !next.payment.status.is_pending() && next.follow_up == FollowUp::Nothing;
    let waits = waits_for_token(&next.payment) && next.payment.pay_before >= now;
    if is_over && next.alert.is_some() && !waits && !ledger::is_behind(&next.payment) {
        next.payment.inquire_at = None;
    }
    next
}

fn waits_for_profile(payment: &Payment, now: DateTime<Utc>) -> bool {
    payment.profile == Some(ProfileAsked::Asked)
        && payment
            .authorized_at
            .is_some_and(|at| now - at < SUBJECT_LIMIT)
}

fn waits_for_token(payment: &Payment) -> bool {
    payment.agreement.is_some_and(|agreement| !agreement.active)
}

/// Ends a payment that the provider never knew, or that we cannot find there (CONTRACT 8.11).
/// A later authorisation is released by [`apply`].
pub fn give_up(payment: &Payment, reason: Reason, now: DateTime<Utc>) -> Transition {
    let mut next = Transition::none(payment);
    end(&mut next, reason, now);
    next.payment.inquire_at = None;
    next
}

/// The provider said no to a charge, for good.
pub fn decline(payment: &Payment, now: DateTime<Utc>) -> Transition {
    give_up(payment, Reason::Declined, now)
}

/// Nothing is left to ask about, until another hint brings something.
pub fn stop_asking(payment: &Payment) -> Transition {
    let mut next = Transition::none(payment);
    next.payment.inquire_at = None;
    next
}

/// Marks a payment whose create may or may not have happened.
pub fn lose_sight(payment: &Payment) -> Transition {
    let mut next = Transition::none(payment);
    become_unknown(&mut next);
    next
}

/// The first thing in which the snapshot is not about this payment.
fn mismatch(payment: &Payment, snapshot: &Snapshot) -> Option<&'static str> {
    let ours = payment.reference.to_string();
    if snapshot
        .reference
        .as_ref()
        .is_some_and(|reference| *reference != ours)
    {
        return Some("reference");
    }
    if snapshot.order_amount != payment.amount {
        return Some("amount");
    }
    if snapshot.standing == Standing::Approved && snapshot.authorized != payment.amount {
        return Some("authorised amount");
    }
    if payment
        .provider_ref
        .as_ref()
        .is_some_and(|known| *known != snapshot.provider_ref)
    {
        return Some("provider reference");
    }
    let amounts = amounts_of(snapshot);
    (!amounts.are_consistent()).then_some("sum of amounts")
}

fn become_unknown(next: &mut Transition) {
    if next.payment.status == Status::Initiated {
        next.payment.status = Status::Unknown;
        next.events.push(EventType::PaymentUnknown);
    }
}

fn apply_pending(next: &mut Transition) {
    match next.payment.status {
        Status::Unknown => next.payment.status = Status::Initiated,
        Status::Cancelled | Status::Failed | Status::Expired => {
            if next.payment.amounts.authorized.is_zero() {
                next.follow_up = FollowUp::Close;
            }
        }
        Status::Initiated => {}
        Status::Authorized | Status::Captured | Status::Refunded => {
            next.alert = Some(Alert::Overtaken);
        }
    }
}

fn apply_approved(next: &mut Transition, snapshot: &Snapshot, now: DateTime<Utc>) {
    let before = next.payment.amounts;
    let after = amounts_of(snapshot);
    if after.is_less_than(&before) {
        next.alert = Some(Alert::Overtaken);
        return;
    }
    let registers_only = next.payment.amount.is_zero();
    if registers_only && next.payment.status.is_pending() && snapshot.agreement.token().is_none() {
        // CONTRACT 8.1: success only when the agreement is active.
        if next.payment.pay_before < now {
            next.alert = Some(Alert::NoAgreement);
            end(next, Reason::Error, now);
        }
        return;
    }
    let ended_for_us = matches!(
        next.payment.status,
        Status::Cancelled | Status::Failed | Status::Expired
    ) && next.payment.authorized_at.is_none();
    next.payment.amounts = after;
    next.refunds.clone_from(&snapshot.refunds);
    if ended_for_us {
        release_late(next, &before, &after);
        return;
    }
    if next.payment.authorized_at.is_none() {
        next.payment.authorized_at = Some(now);
        next.authorized = true;
        next.payment.release_at = release_at(&next.payment, now);
        if !registers_only {
            next.events.push(EventType::PaymentAuthorized);
        }
    }
    activate(next, snapshot);
    learn_subject(next, snapshot);
    tell_growth(next, &before, &after);
    next.payment.status = status_of(&after);
    next.payment.reason = (next.payment.status == Status::Cancelled).then_some(Reason::Cancel);
    if next.payment.status == Status::Cancelled && next.payment.ended_at.is_none() {
        next.payment.ended_at = Some(now);
    }
    let is_claimed = next.payment.claimed || after.captured.is_positive();
    if is_claimed || next.payment.ended_at.is_some() {
        next.payment.release_at = None;
    }
    if ledger::is_behind(&next.payment) || waits_for_profile(&next.payment, now) {
        // What we asked for is not shown yet: the timer asks on.
        next.payment.inquire_at.get_or_insert(now);
    } else if !waits_for_token(&next.payment) {
        next.payment.inquire_at = None;
    } else if next.payment.pay_before < now || snapshot.agreement.is_over() {
        next.payment.inquire_at = None;
        next.alert = Some(Alert::NoAgreement);
    }
}

/// CONTRACT 8.3: only what waits for an order, and a registration reserves nothing.
fn release_at(payment: &Payment, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let waits = payment.terms.capture == CapturePolicy::OnOrder
        && payment.charge_of.is_none()
        && payment.amount.is_positive();
    waits
        .then(|| now.checked_add_signed(payment.terms.claim_within))
        .flatten()
}

/// CONTRACT 8.8: what was authorised after the payment had ended for us goes back to the payer.
fn release_late(next: &mut Transition, before: &Amounts, after: &Amounts) {
    if after.is_fully_released() {
        if before.cancelled != after.cancelled {
            next.events.push(EventType::PaymentCancelled);
        }
        next.payment.inquire_at = None;
    } else if after.authorized.is_zero() || after.captured.is_positive() {
        // A release helps neither a registration nor what was captured.
        next.payment.inquire_at = None;
        next.alert = Some(Alert::ApprovedAfterEnd);
    } else {
        next.follow_up = FollowUp::Release;
    }
}

fn activate(next: &mut Transition, snapshot: &Snapshot) {
    if let (Some(agreement), Some(token)) =
        (&mut next.payment.agreement, snapshot.agreement.token())
        && !agreement.active
    {
        agreement.active = true;
        next.activation = Some(token.clone());
    }
}

/// The provider tells who paid some seconds after the approval.
fn learn_subject(next: &mut Transition, snapshot: &Snapshot) {
    if next.payment.profile == Some(ProfileAsked::Asked)
        && let Some(subject) = &snapshot.profile_subject
    {
        next.payment.profile = Some(ProfileAsked::Known);
        next.profile_subject = Some(subject.clone());
    }
}

fn tell_growth(next: &mut Transition, before: &Amounts, after: &Amounts) {
    if after.captured != before.captured {
        next.events.push(EventType::PaymentCaptured);
    }
    if after.cancelled != before.cancelled {
        next.events.push(EventType::PaymentCancelled);
    }
    if after.refunded != before.refunded {
        next.events.push(EventType::PaymentRefunded);
    }
}

fn apply_ended(next: &mut Transition, ended: EndReason, now: DateTime<Utc>) {
    if !next.payment.status.is_pending() {
        // A registration that was stopped reserves nothing that could be missed.
        if next.payment.authorized_at.is_some() && next.payment.amount.is_positive() {
            next.alert = Some(Alert::Overtaken);
        } else {
            next.payment.inquire_at = None;
        }
        return;
    }
    let reason = match (ended, next.payment.closing) {
        // We closed it: the provider calls that cancelled, the merchant wants to know why.
        (EndReason::Cancelled, Some(closing)) => closing,
        (EndReason::Cancelled, None) => Reason::Cancel,
        (EndReason::Declined, _) => Reason::Declined,
        (EndReason::Expired, _) => Reason::Expired,
        (EndReason::Error, _) => Reason::Error,
    };
    end(next, reason, now);
    next.payment.inquire_at = None;
}

fn end(next: &mut Transition, reason: Reason, now: DateTime<Utc>) {
    let (status, event) = match reason {
        Reason::Cancel => (Status::Cancelled, EventType::PaymentCancelled),
        Reason::Declined | Reason::Error => (Status::Failed, EventType::PaymentFailed),
        Reason::Expired => (Status::Expired, EventType::PaymentExpired),
    };
    next.payment.status = status;
    next.payment.reason = Some(reason);
    next.payment.ended_at = Some(now);
    next.events.push(event);
}

const fn amounts_of(snapshot: &Snapshot) -> Amounts {
    Amounts {
        authorized: snapshot.authorized,
        captured: snapshot.captured,
        cancelled: snapshot.cancelled,
        refunded: snapshot.refunded,
    }
}

fn status_of(amounts: &Amounts) -> Status {
    if amounts.refunded.is_positive() && amounts.refunded == amounts.captured {
        Status::Refunded
    } else if amounts.captured.is_positive() {
        Status::Captured
    } else if amounts.is_fully_released() {
        Status::Cancelled
    } else {
        Status::Authorized
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
pub(super) mod tests;

#[cfg(test)]
#[path = "state_properties.rs"]
mod properties;
