//! Which charges a refund gives back from.
//!
//! Nexi refunds charges, not payments, and does not tell which charge an earlier refund was of. So
//! each part carries a line whose reference names the operation and the charge, and Nexi's list of
//! refunds shows it again. With it a repeated operation finds what it has already asked for, and
//! learns what became of it, since Nexi carries refunds out later. A part goes to a charge with a
//! key of its own, made from both.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcpay_port::{
    Currency, Failure, FailureKind, Money, Operation, OperationId, Progress, ProviderError,
    RefundSeen,
};
use uuid::Uuid;

use crate::link;
use crate::problem::{refusal, refused};
use crate::wire::answer::{Payment, Refund};

/// What is left to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Plan<'a> {
    /// All of it was asked for before.
    Settled(Progress),
    /// In this order. `resumed` when earlier parts are with Nexi already.
    Send {
        shares: Vec<Share<'a>>,
        resumed: bool,
    },
}

/// What one charge gives back, in minor units.
#[derive(Debug, PartialEq, Eq)]
pub struct Share<'a> {
    pub charge: &'a str,
    pub amount: i64,
}

impl Share<'_> {
    /// The reference of the line that stands for it.
    pub fn mark(&self, operation: Operation) -> String {
        mark(operation, self.charge)
    }

    /// At most 59 of the 63 characters that Nexi takes, for ids of up to 36.
    pub fn key(&self, operation: Operation) -> String {
        let operation = URL_SAFE_NO_PAD.encode(operation.id.0.as_bytes());
        format!("{operation}.{}", self.charge)
    }
}

fn mark(operation: Operation, charge: &str) -> String {
    format!("{}-{charge}", operation.id)
}

/// The operation in a mark; none in the references of others' refunds.
fn operation_in(mark: &str) -> Option<OperationId> {
    let (id, rest) = mark.split_at_checked(uuid::fmt::Hyphenated::LENGTH)?;
    rest.starts_with('-').then_some(())?;
    Uuid::try_parse(id).ok().map(OperationId)
}

/// What became of our refunds. Others, and those that Nexi lists without lines, are left out.
pub fn seen(payment: &Payment, currency: Currency) -> Vec<RefundSeen> {
    let none = Money::zero(currency);
    let mut all: Vec<RefundSeen> = Vec::new();
    for refund in payment.refunds() {
        let Some(operation) = find_mark(refund).and_then(operation_in) else {
            continue;
        };
        let at = all.iter().position(|one| one.operation == operation);
        let at = at.unwrap_or_else(|| {
            all.push(RefundSeen {
                operation,
                completed: none,
                pending: none,
                failed: none,
            });
            all.len().saturating_sub(1)
        });
        if let Some(seen) = all.get_mut(at) {
            let sum = match Outcome::of(refund) {
                Outcome::Done => &mut seen.completed,
                Outcome::Open => &mut seen.pending,
                Outcome::Dead => &mut seen.failed,
            };
            let amount = sum.minor().saturating_add(amount_of(refund));
            *sum = Money::new(amount, currency);
        }
    }
    all
}

/// A charge as Nexi lists it, and what is left of it.
struct Room<'a> {
    charge: &'a str,
    left: i64,
    /// Whether this operation has asked for a part of it.
    is_used: bool,
}

/// # Errors
/// `DidNotHappen` when there is not so much to give back, or Nexi has carried none of it out;
/// `MayHaveHappened` when only a person can tell.
pub fn plan(
    payment: &Payment,
    operation: Operation,
    amount: i64,
) -> Result<Plan<'_>, ProviderError> {
    let mut rooms = rooms(payment)?;
    let charged = rooms
        .iter()
        .fold(0_i64, |sum, room| sum.saturating_add(room.left));
    if amount > charged {
        return Err(ProviderError::DidNotHappen(too_high()));
    }
    let ours = Ours::of(payment, operation);
    if ours.is_dead {
        let failure = refusal("refund_failed", "Nexi could not carry out the refund");
        return Err(if ours.live == 0 {
            ProviderError::DidNotHappen(failure)
        } else {
            ProviderError::MayHaveHappened(failure)
        });
    }
    let needed = amount.saturating_sub(ours.live);
    if needed <= 0 {
        return Ok(Plan::Settled(ours.progress));
    }
    let resumed = ours.live > 0;
    if let [only] = rooms.as_slice()
        && !resumed
    {
        // Whether so much is left of it only Nexi can tell: this very refund may have taken it, and
        // then its key brings the first answer again.
        let share = Share {
            charge: only.charge,
            amount,
        };
        return Ok(Plan::Send {
            shares: vec![share],
            resumed,
        });
    }
    take_earlier(payment, operation, &mut rooms)?;
    match spread(&rooms, needed) {
        Some(shares) => Ok(Plan::Send { shares, resumed }),
        None if resumed => Err(ProviderError::MayHaveHappened(too_high())),
        None => Err(ProviderError::DidNotHappen(too_high())),
    }
}

fn too_high() -> Failure {
    refusal("amount_too_high", "the amount is more than what is left")
}

/// # Errors
/// `DidNotHappen` when there is no charge to give back from.
fn rooms(payment: &Payment) -> Result<Vec<Room<'_>>, ProviderError> {
    let rooms: Vec<Room<'_>> = payment
        .charges()
        .iter()
        .filter_map(|charge| {
            Some(Room {
                charge: charge
                    .charge_id
                    .as_deref()
                    .filter(|id| link::is_path_safe(id))?,
                left: charge.amount.filter(|minor| *minor > 0)?,
                is_used: false,
            })
        })
        .collect();
    if rooms.is_empty() {
        return Err(refused("nothing_charged", "nothing was charged yet"));
    }
    Ok(rooms)
}

/// What this operation has asked for before.
struct Ours {
    live: i64,
    is_dead: bool,
    progress: Progress,
}

impl Ours {
    fn of(payment: &Payment, operation: Operation) -> Self {
        let mut ours = Self {
            live: 0,
            is_dead: false,
            progress: Progress::Done,
        };
        let start = mark(operation, "");
        let is_ours =
            |refund: &&Refund| find_mark(refund).is_some_and(|mark| mark.starts_with(&start));
        for refund in payment.refunds().iter().filter(is_ours) {
            match Outcome::of(refund) {
                Outcome::Dead => ours.is_dead = true,
                outcome => {
                    ours.live = ours.live.saturating_add(amount_of(refund));
                    if outcome == Outcome::Open {
                        ours.progress = Progress::Accepted;
                    }
                }
            }
        }
        ours
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    /// Waiting for money on the merchant's account, or in a state that nobody knows yet.
    Open,
    Dead,
}

impl Outcome {
    fn of(refund: &Refund) -> Self {
        let state = refund.state.as_deref().unwrap_or_default();
        match state.to_ascii_lowercase().as_str() {
            "completed" => Self::Done,
            "failed" | "cancelled" | "expired" => Self::Dead,
            _ => Self::Open,
        }
    }
}

fn amount_of(refund: &Refund) -> i64 {
    refund.amount.unwrap_or_default().max(0)
}

fn find_mark(refund: &Refund) -> Option<&str> {
    refund.order_items.as_ref()?.first()?.reference.as_deref()
}

/// Takes out of the rooms what earlier refunds gave back: of the charge that their mark names, or,
/// made by others, of the first charges. Guessing wrong costs a refusal by Nexi, never money.
///
/// # Errors
/// `MayHaveHappened` when a refund shows no line: it could be this operation's own.
fn take_earlier(
    payment: &Payment,
    operation: Operation,
    rooms: &mut [Room<'_>],
) -> Result<(), ProviderError> {
    let start = mark(operation, "");
    let mut unnamed = 0_i64;
    for refund in payment.refunds() {
        let mark = find_mark(refund).ok_or_else(cannot_tell)?;
        let names = |room: &&mut Room<'_>| {
            mark.len() == start.len() + room.charge.len() && mark.ends_with(room.charge)
        };
        let is_dead = Outcome::of(refund) == Outcome::Dead;
        let amount = if is_dead { 0 } else { amount_of(refund) };
        match rooms.iter_mut().find(names) {
            Some(room) => {
                room.left = room.left.saturating_sub(amount);
                room.is_used |= mark.starts_with(&start);
            }
            None => unnamed = unnamed.saturating_add(amount),
        }
    }
    for room in rooms {
        let taken = unnamed.min(room.left).max(0);
        room.left = room.left.saturating_sub(taken);
        unnamed = unnamed.saturating_sub(taken);
    }
    Ok(())
}

fn cannot_tell() -> ProviderError {
    let failure = Failure::new(FailureKind::BadAnswer)
        .titled("Nexi does not tell which charges earlier refunds were of");
    ProviderError::MayHaveHappened(failure)
}

/// One charge that has enough is enough, so that nothing can be left half done; else the first
/// charges give what they have.
fn spread<'a>(rooms: &[Room<'a>], needed: i64) -> Option<Vec<Share<'a>>> {
    let share = |room: &Room<'a>, amount| Share {
        charge: room.charge,
        amount,
    };
    let free = || rooms.iter().filter(|room| !room.is_used && room.left > 0);
    if let Some(room) = free().find(|room| room.left >= needed) {
        return Some(vec![share(room, needed)]);
    }
    let mut open = needed;
    let mut shares = Vec::new();
    for room in free() {
        let amount = open.min(room.left);
        if amount > 0 {
            shares.push(share(room, amount));
            open -= amount;
        }
    }
    (open == 0).then_some(shares)
}

#[cfg(test)]
mod tests;
