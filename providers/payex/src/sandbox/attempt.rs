//! One try of the payer to pay: started on a page, perhaps asked for a code by 3-D Secure, then
//! authorised or declined. A declined try leaves the order open for another.

use chrono::Utc;
use uuid::Uuid;

use super::callbacks;
use super::cards::{self, Card, Secure, Typed};
use super::order::{Challenge, FailedAttempt, IssuedToken, Operation, Order, Paid, Status, Untold};
use super::outcomes;
use super::problems::Problem;
use super::state::{State, locked};
use super::tokens::{Kind, Stored};

/// How a try went so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Paid,
    Failed,
    /// The payer goes to the page of this attempt's one-time code.
    Challenge(i64),
}

/// The order is not open, so there is nothing to try.
#[derive(Debug)]
pub(crate) struct NotOpen;

/// Starts a try with the card that was typed.
pub(crate) fn start(
    state: &State,
    order: &mut Order,
    typed: Typed,
    from_frame: bool,
) -> Result<Outcome, NotOpen> {
    let number = begin(state, order)?;
    let Typed { card, expiry } = typed;
    let acquirer_type = match card.secure {
        Secure::Challenge => {
            order.challenge = Some(Challenge {
                number,
                card,
                expiry,
                from_frame,
            });
            return Ok(Outcome::Challenge(number));
        }
        Secure::Declined => {
            fail(state, order, number, "Failed", outcomes::declined());
            return Ok(Outcome::Failed);
        }
        Secure::Frictionless => "3DSECURE",
        Secure::Direct => "STANDARD",
    };
    Ok(authorize(state, order, number, card, expiry, acquirer_type))
}

fn begin(state: &State, order: &mut Order) -> Result<i64, NotOpen> {
    if order.status != Status::Initialized {
        return Err(NotOpen);
    }
    // A code that another try still waits for is worthless once a new one begins.
    order.challenge = None;
    order.untold = None;
    let number = state.next_number();
    let amount = order.amount;
    order.note("PaymentAttemptStarted", "Payer", Some(number), Some(amount));
    Ok(number)
}

/// Takes the challenge of attempt `number`, when it is still the one that is waited for.
fn take_challenge(order: &mut Order, number: i64) -> Result<Challenge, NotOpen> {
    if order.status != Status::Initialized {
        return Err(NotOpen);
    }
    order
        .challenge
        .take_if(|challenge| challenge.number == number)
        .ok_or(NotOpen)
}

/// The payer gave the right code.
pub(crate) fn approve_challenge(
    state: &State,
    order: &mut Order,
    number: i64,
) -> Result<Outcome, NotOpen> {
    let challenge = take_challenge(order, number)?;
    let outcome = authorize(
        state,
        order,
        number,
        challenge.card,
        challenge.expiry,
        "3DSECURE",
    );
    if outcome == Outcome::Failed && challenge.from_frame {
        order.untold = Some(Untold::AttemptFailed);
    }
    Ok(outcome)
}

/// The payer stopped at the code.
pub(crate) fn cancel_challenge(
    state: &State,
    order: &mut Order,
    number: i64,
) -> Result<(), NotOpen> {
    let challenge = take_challenge(order, number)?;
    fail(
        state,
        order,
        number,
        "Aborted",
        outcomes::cancelled_by_payer(),
    );
    if challenge.from_frame {
        order.untold = Some(Untold::AttemptAborted);
    }
    Ok(())
}

/// The merchant ends the try that runs, if one does; the order stays open.
pub(crate) fn abandon(state: &State, order: &mut Order) {
    if let Some(challenge) = order.challenge.take() {
        fail(
            state,
            order,
            challenge.number,
            "Aborted",
            outcomes::cancelled_by_payer(),
        );
    }
}

/// A stand-in for the payer pays with the first test card and gives the right code.
pub(crate) fn approve(state: &State, order: &mut Order) -> Result<Outcome, NotOpen> {
    let number = begin(state, order)?;
    let expiry = "12/2033".to_owned();
    Ok(authorize(
        state,
        order,
        number,
        cards::first(),
        expiry,
        "3DSECURE",
    ))
}

/// A stand-in for the payer is declined.
pub(crate) fn decline(state: &State, order: &mut Order) -> Result<(), NotOpen> {
    let number = begin(state, order)?;
    fail(state, order, number, "Failed", outcomes::declined());
    Ok(())
}

/// `autoApprove`: the payer of this order pays without being asked, once.
pub(crate) fn approve_by_itself(state: &State, order: &mut Order) {
    if std::mem::take(&mut order.auto_approve) {
        // An order that is closed by now needs no payer.
        let _: Result<Outcome, NotOpen> = approve(state, order);
    }
}

fn authorize(
    state: &State,
    order: &mut Order,
    number: i64,
    card: &'static Card,
    expiry: String,
    acquirer_type: &'static str,
) -> Outcome {
    if let Some(problem) = outcomes::of_attempt(order.amount) {
        fail(state, order, number, "Failed", problem);
        return Outcome::Failed;
    }
    let tokens = issue_tokens(state, order, card, &expiry);
    let verifies = order.operation == Operation::Verify;
    order.status = Status::Paid;
    order.challenge = None;
    order.paid = Some(Paid {
        number,
        at: Utc::now(),
        card,
        expiry,
        transaction_type: if verifies {
            "Verification"
        } else {
            "Authorization"
        },
        acquirer_type,
        initiator: "CARDHOLDER",
        amount: order.amount,
        tokens,
    });
    let amount = order.amount;
    order.note("PaymentPaid", "Payer", Some(number), Some(amount));
    callbacks::tell(state, order, number);
    Outcome::Paid
}

fn fail(state: &State, order: &mut Order, number: i64, status: &'static str, problem: Problem) {
    order.failed_attempts.push(FailedAttempt {
        at: Utc::now(),
        number,
        status,
        problem,
    });
    let event = if status == "Aborted" {
        "PaymentAttemptAborted"
    } else {
        "PaymentAttemptFailed"
    };
    let amount = order.amount;
    order.note(event, "Payer", Some(number), Some(amount));
    callbacks::tell(state, order, number);
}

fn issue_tokens(
    state: &State,
    order: &Order,
    card: &'static Card,
    expiry: &str,
) -> Vec<IssuedToken> {
    let generate = order.generate;
    if !generate.any() {
        return Vec::new();
    }
    let mut stored = locked(&state.tokens);
    [
        (generate.payment, Kind::Payment),
        (generate.recurrence, Kind::Recurrence),
        (generate.unscheduled, Kind::Unscheduled),
    ]
    .into_iter()
    .filter_map(|(wanted, kind)| wanted.then_some(kind))
    .map(|kind| {
        let token = Uuid::new_v4();
        stored.keep(Stored {
            token,
            kind,
            payee_id: order.payee_id.clone(),
            payer_reference: order.payer_reference.clone(),
            card,
            expiry: expiry.to_owned(),
            deleted: false,
            blocked: false,
            failures: 0,
        });
        IssuedToken {
            kind: kind.name(),
            token,
        }
    })
    .collect()
}
