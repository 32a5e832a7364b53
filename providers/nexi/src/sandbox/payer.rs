//! Acts for the payer, without a browser, and is the simulator that the shared routes ask.

use std::sync::Arc;

use mcpay_sandbox::{PayerAction, Refusal, Simulator, Stage};
use serde_json::{Value, json};

use super::payment::Payment;
use super::state::{State, locked};
use super::{attempt, terminate};

impl Simulator for State {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The provider has no payer who cancels: leaving the page leaves the payment open. Here it
    /// stands for the payer who leaves and the shop that then terminates.
    fn act(self: &Arc<Self>, reference: &str, action: PayerAction) -> Result<Value, Refusal> {
        let payments = self.payments_of(reference);
        let now = self.stage.clock.now();
        let mut newest_first = payments.iter().rev();
        let shared = newest_first
            .find(|shared| locked(shared).is_open(now))
            .or(payments.last())
            .ok_or_else(Refusal::not_found)?;
        self.with(shared, |payment| {
            let done = match action {
                PayerAction::Approve => attempt::approve(self, payment).is_ok(),
                PayerAction::Decline => attempt::decline(self, payment).is_ok(),
                PayerAction::Cancel => terminate::end(self, payment).is_ok(),
            };
            if done {
                Ok(self.describe(payment))
            } else {
                let standing = payment.standing(now);
                Err(Refusal::conflict(format!(
                    "The payment is {standing}, so the payer can do nothing."
                )))
            }
        })
    }
}

impl State {
    fn describe(&self, payment: &Payment) -> Value {
        let now = self.stage.clock.now();
        json!({ "paymentId": payment.id, "status": payment.standing(now) })
    }
}
