//! Acts for the payer, without a browser, and is the simulator that the shared routes ask.

use std::sync::Arc;

use mcpay_sandbox::{PayerAction, Refusal, Simulator, Stage};
use serde_json::{Value, json};

use super::epayment::payment::Payment;
use super::outcomes::plain_decline;
use super::recurring::agreement::{Agreement, Status};
use super::state::{State, Target, locked};

impl Simulator for State {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn act(self: &Arc<Self>, reference: &str, action: PayerAction) -> Result<Value, Refusal> {
        let targets = self.books(|books| books.of_reference(reference));
        match targets.last().ok_or_else(Refusal::not_found)? {
            Target::Payment(shared) => act_on_payment(self, &mut locked(shared), action),
            Target::Agreement(shared) => act_on_agreement(self, &mut locked(shared), action),
        }
    }
}

fn act_on_payment(
    state: &State,
    payment: &mut Payment,
    action: PayerAction,
) -> Result<Value, Refusal> {
    payment.settle(state);
    if !payment.is_open() {
        return Err(over("payment", payment.status.name()));
    }
    match action {
        PayerAction::Approve => {
            let _ = payment.approve(state);
        }
        PayerAction::Decline => payment.decline(state, plain_decline()),
        PayerAction::Cancel => payment.abort(state),
    }
    Ok(json!({ "reference": payment.reference, "status": payment.status.name() }))
}

fn act_on_agreement(
    state: &State,
    agreement: &mut Agreement,
    action: PayerAction,
) -> Result<Value, Refusal> {
    agreement.settle(state);
    if agreement.status == Status::Active && action == PayerAction::Cancel {
        agreement.withdraw(state);
        return Ok(told(agreement));
    }
    if !agreement.is_open() {
        return Err(over("agreement", agreement.status.name()));
    }
    match action {
        PayerAction::Approve => {
            let _ = agreement.approve(state);
        }
        PayerAction::Decline => agreement.decline(state, plain_decline()),
        PayerAction::Cancel => agreement.reject(state),
    }
    Ok(told(agreement))
}

fn told(agreement: &Agreement) -> Value {
    json!({ "agreementId": agreement.name.id, "status": agreement.status.name() })
}

fn over(what: &str, status: &str) -> Refusal {
    Refusal::conflict(format!(
        "The {what} is {status}, so the payer can do nothing."
    ))
}
