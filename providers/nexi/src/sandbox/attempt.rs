//! One try of the payer to pay: started on a page, perhaps asked by 3-D Secure, then reserved or
//! declined. A declined try leaves no trace in the payment and may be followed by another.

use super::cards::{Behaviour, Used};
use super::payment::{Challenge, Payment, new_id};
use super::state::State;
use super::{agreement, capture, events};

const DECLINED: &str = "The payment was declined. You can try again, or with another card.";
const NOT_CONFIRMED: &str =
    "The payment was not confirmed at your bank. You can try again, or with another card.";

/// How a try went so far.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Paid,
    Failed,
    /// The payer goes to this challenge's page.
    Challenge(String),
}

/// The payment is not open, so there is nothing to try.
#[derive(Debug)]
pub(crate) struct NotOpen;

/// Starts a try with the card that was typed.
pub(crate) fn start(state: &State, payment: &mut Payment, used: Used) -> Result<Outcome, NotOpen> {
    begin(state, payment)?;
    match used.card.behaviour {
        Behaviour::Challenged => {
            let id = new_id();
            payment.challenge = Some(Challenge {
                id: id.clone(),
                used,
            });
            Ok(Outcome::Challenge(id))
        }
        Behaviour::Declined => {
            fail(state, payment, DECLINED);
            Ok(Outcome::Failed)
        }
        Behaviour::Pays | Behaviour::ChargeFails | Behaviour::RefundFails => {
            reserve(state, payment, used);
            Ok(Outcome::Paid)
        }
    }
}

fn begin(state: &State, payment: &mut Payment) -> Result<(), NotOpen> {
    if !payment.is_open(state.stage.clock.now()) {
        return Err(NotOpen);
    }
    // A challenge that another try still waits for is worthless once a new one begins.
    payment.challenge = None;
    payment.last_failure = None;
    Ok(())
}

/// The payer answered challenge `id`.
pub(crate) fn answer_challenge(
    state: &State,
    payment: &mut Payment,
    id: &str,
    approves: bool,
) -> Result<Outcome, NotOpen> {
    let challenge = payment.challenge.take_if(|challenge| challenge.id == id);
    let challenge = challenge.ok_or(NotOpen)?;
    begin(state, payment)?;
    if approves {
        reserve(state, payment, challenge.used);
        Ok(Outcome::Paid)
    } else {
        fail(state, payment, NOT_CONFIRMED);
        Ok(Outcome::Failed)
    }
}

/// A stand-in for the payer pays with the first test card.
pub(crate) fn approve(state: &State, payment: &mut Payment) -> Result<(), NotOpen> {
    begin(state, payment)?;
    reserve(state, payment, Used::sample());
    Ok(())
}

/// A stand-in for the payer is declined.
pub(crate) fn decline(state: &State, payment: &mut Payment) -> Result<(), NotOpen> {
    begin(state, payment)?;
    fail(state, payment, DECLINED);
    Ok(())
}

/// `autoApprove`: the payer of this payment pays without being asked, once.
pub(crate) fn approve_by_itself(state: &State, payment: &mut Payment) {
    if std::mem::take(&mut payment.auto_approve) {
        // A payment that is closed by now needs no payer.
        let _: Result<(), NotOpen> = approve(state, payment);
    }
}

fn fail(state: &State, payment: &mut Payment, text: &'static str) {
    payment.last_failure = Some(text);
    events::reservation_failed(state, payment);
}

/// Reserves, gives the agreement that was wished for, and charges at once where that was asked.
pub(crate) fn reserve(state: &State, payment: &mut Payment, used: Used) {
    let now = state.stage.clock.now();
    agreement::give(state, payment, &used, now);
    payment.paid = Some(used);
    events::reserved(state, payment);
    if payment.charges_at_once && payment.order.amount > 0 {
        capture::carry_out(state, payment, payment.order.amount, None);
    }
}
