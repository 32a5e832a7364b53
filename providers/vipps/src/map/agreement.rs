//! An agreement and its initial charge -> one snapshot of the first payment.
//!
//! | agreement | initial charge | the first payment |
//! | --- | --- | --- |
//! | `PENDING` | | pending |
//! | `ACTIVE` | none, since the amount is zero | approved |
//! | not `PENDING` | reserved or captured | approved, the charge's amounts |
//! | `ACTIVE` | not yet processed | pending |
//! | `ACTIVE`, `EXPIRED` | failed | declined |
//! | `STOPPED`, `EXPIRED` | being processed, or in doubt | pending: it may still take money |
//! | `STOPPED` | nothing was taken | cancelled |
//! | `EXPIRED` | nothing was taken | expired |
//!
//! An agreement that is `ACTIVE` permits charges. `STOPPED` and `EXPIRED` are final: the permission
//! is over, whatever became of the first payment.

use mcpay_port::{
    AgreementToken, Attempt, EndReason, Failure, FailureKind, Money, Permission, Snapshot, Standing,
};

use crate::map::amounts::unknown;
use crate::map::charge;
use crate::map::reference::{ChargeName, Target};
use crate::wire::answer::{Agreement, Charge};

pub const ACTIVE: &str = "ACTIVE";
pub const EXPIRED: &str = "EXPIRED";
pub const PENDING: &str = "PENDING";
pub const STOPPED: &str = "STOPPED";

/// Whether the charge must be read to know how the first payment stands. Charges may be read much
/// more seldom than agreements, and before the payer has answered there is nothing to see.
pub fn needs_charge(attempt: &Attempt, agreement: &Agreement) -> bool {
    attempt.amount.is_positive() && agreement.status != PENDING
}

/// `charge` is the initial charge where one was asked for and is there.
///
/// # Errors
/// A [`Failure`] when the answers are about something else, or contradict each other.
pub fn snapshot(
    attempt: &Attempt,
    asked: &str,
    agreement: &Agreement,
    charge: Option<&Charge>,
) -> Result<Snapshot, Failure> {
    if agreement.id != asked {
        let failure = Failure::new(FailureKind::BadAnswer);
        return Err(failure.titled("the answer is about another agreement"));
    }
    let first = charge
        .map(|charge| {
            let asked = ChargeName::initial(&agreement.id, attempt.reference);
            charge::snapshot(&asked, charge)
        })
        .transpose()?;
    let is_being_taken = charge.is_some_and(charge::is_being_taken);
    let standing = standing(attempt, agreement, first.as_ref(), is_being_taken)?;
    let nothing = Money::zero(attempt.amount.currency());
    // What ended took nothing; what is not believed tells nothing.
    let moved = first.as_ref().filter(|_| standing == Standing::Approved);
    let amount = |pick: fn(&Snapshot) -> Money| moved.map_or(nothing, pick);
    Ok(Snapshot {
        provider_ref: Target::Agreement(agreement.id.clone()).to_ref(),
        reference: agreement.external_id.clone(),
        order_amount: first
            .as_ref()
            .map_or(attempt.amount, |first| first.order_amount),
        standing,
        authorized: amount(|first| first.authorized),
        captured: amount(|first| first.captured),
        cancelled: amount(|first| first.cancelled),
        refunded: amount(|first| first.refunded),
        refunds: Vec::new(),
        agreement: permission(agreement),
        profile_subject: agreement.sub.clone(),
    })
}

/// Whether it permits nothing any more: neither state is ever left again.
pub fn is_over(agreement: &Agreement) -> bool {
    agreement.status == STOPPED || agreement.status == EXPIRED
}

fn permission(agreement: &Agreement) -> Permission {
    if is_over(agreement) {
        return Permission::Over;
    }
    let token = || AgreementToken(agreement.id.clone().into());
    (agreement.status == ACTIVE).then(token).into()
}

fn standing(
    attempt: &Attempt,
    agreement: &Agreement,
    first: Option<&Snapshot>,
    is_being_taken: bool,
) -> Result<Standing, Failure> {
    let status = agreement.status.as_str();
    let charged = first.map(|first| &first.standing);
    if let Some(told @ (Standing::Approved | Standing::Unknown(_))) = charged {
        return Ok(told.clone());
    }
    let registers_only = attempt.amount.is_zero();
    match status {
        PENDING => Ok(Standing::Pending),
        ACTIVE if registers_only => Ok(Standing::Approved),
        ACTIVE => charged.cloned().ok_or_else(|| {
            let failure = Failure::new(FailureKind::BadAnswer);
            failure.titled("the agreement is active and its initial charge is missing")
        }),
        // Nobody would look again at what was told as ended.
        STOPPED | EXPIRED if is_being_taken => Ok(Standing::Pending),
        STOPPED => Ok(Standing::Ended(EndReason::Cancelled)),
        EXPIRED if charged == Some(&Standing::Ended(EndReason::Declined)) => {
            Ok(Standing::Ended(EndReason::Declined))
        }
        EXPIRED => Ok(Standing::Ended(EndReason::Expired)),
        other => Ok(unknown(other)),
    }
}
