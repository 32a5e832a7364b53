//! Acts for the payer, without a browser, and is the simulator that the shared routes ask.

use std::sync::Arc;

use mcpay_sandbox::{PayerAction, Refusal, Simulator, Stage};
use serde_json::{Value, json};

use super::attempt;
use super::checkout::ABORTED_BY_PAYER;
use super::order::{Integration, Order, Status};
use super::state::{State, locked};
use super::{abort, state::SharedOrder};

impl Simulator for State {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn act(self: &Arc<Self>, reference: &str, action: PayerAction) -> Result<Value, Refusal> {
        let orders = self.orders_of(reference);
        let shared = newest_open(&orders)
            .or(orders.last())
            .ok_or_else(Refusal::not_found)?;
        let mut order = locked(shared);
        open_the_prepared_page(&mut order);
        let done = match action {
            PayerAction::Approve => attempt::approve(self, &mut order).is_ok(),
            PayerAction::Decline => attempt::decline(self, &mut order).is_ok(),
            PayerAction::Cancel => abort::abort(&mut order, ABORTED_BY_PAYER, "Payer").is_ok(),
        };
        if done {
            Ok(describe(&order))
        } else {
            Err(closed(&order))
        }
    }
}

/// Somebody who never opened a page pays as if the one that the merchant prepared was open.
fn open_the_prepared_page(order: &mut Order) {
    if order.integration == Integration::None {
        let seamless = order.urls.payment.is_some();
        order.integration = if seamless {
            Integration::HostedView
        } else {
            Integration::Redirect
        };
    }
}

fn newest_open(orders: &[SharedOrder]) -> Option<&SharedOrder> {
    orders
        .iter()
        .rev()
        .find(|shared| locked(shared).status == Status::Initialized)
}

fn closed(order: &Order) -> Refusal {
    Refusal::conflict(format!(
        "The payment order is {}, so the payer can do nothing.",
        order.status.name()
    ))
}

fn describe(order: &Order) -> Value {
    json!({
        "id": order.path(),
        "status": order.status.name(),
        "failedAttempts": order.failed_attempts.len(),
    })
}
