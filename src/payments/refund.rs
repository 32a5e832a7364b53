//! Refund: give back what was captured, or a part of it. A refund for an order is bounded by that
//! order's amount too (CONTRACT 8.5).

use std::sync::Arc;

use mcpay_port::{Money, PaymentRef};
use rust_decimal::Decimal;

use super::answer::describe;
use super::asked::{AskError, Asked, Teller, Told};
use super::capture::is_standing;
use super::ledger;
use super::operate::{Objection, Wanted, part_of};
use super::operation::OperationKind;
use super::payment::Payment;
use super::ports::{Change, OrderRefund, PaidOrder, StoredAnswer};
use super::service::Payments;
use super::terms::FieldError;

impl Payments {
    /// Gives back `amount` in major units; everything that is left of the payment, or of the order,
    /// when there is none. `order` must be named when the payment pays for several.
    pub async fn refund(
        self: &Arc<Self>,
        asked: &Asked,
        payment: PaymentRef,
        order: Option<i64>,
        amount: Option<Decimal>,
        teller: &dyn Teller,
    ) -> Result<StoredAnswer, AskError> {
        self.operate(asked, payment, Wanted::Refund { order, amount }, teller)
            .await
    }

    pub(super) async fn weigh_refund(
        &self,
        payment: Payment,
        order: Option<i64>,
        amount: Option<Decimal>,
    ) -> Result<Change, Objection> {
        let orders = self.store.find_paid_orders(payment.reference).await?;
        let order = choose(&orders, order)?;
        if !is_standing(&payment) {
            return Err(Objection::Told(Told::StateConflict(describe(&payment))));
        }
        let left_of_payment = ledger::left_to_refund(&payment);
        let (left, what) = match order.map(left_of_order) {
            Some(left) if left.minor() < left_of_payment.minor() => {
                (left, "left to refund of the order")
            }
            _ => (left_of_payment, "left to refund"),
        };
        let amount = part_of(left, amount, what, || describe(&payment))?;
        let mut change = self
            .intent_of(payment, OperationKind::Refund, amount)
            .await?;
        change.order_refund = order.map(|order| OrderRefund {
            order: order.order,
            amount,
        });
        if let Some(operation) = &mut change.next_operation {
            operation.order = order.map(|order| order.order);
        }
        Ok(change)
    }
}

fn left_of_order(order: &PaidOrder) -> Money {
    order
        .amount
        .checked_sub(order.refund_reserved)
        .unwrap_or_else(|_| Money::zero(order.amount.currency()))
}

/// The order that the refund is for, where there is one.
fn choose(orders: &[PaidOrder], named: Option<i64>) -> Result<Option<&PaidOrder>, Objection> {
    let broken = |code, message: &str| {
        let error = FieldError::new("orderId", code, message);
        Objection::Error(AskError::Fields(vec![error]))
    };
    match (orders, named) {
        ([], None) => Ok(None),
        ([only], None) => Ok(Some(only)),
        (_, None) => Err(broken(
            "required",
            "is required, because the payment pays for several orders.",
        )),
        (orders, Some(named)) => orders
            .iter()
            .find(|order| order.order == named)
            .map(Some)
            .ok_or_else(|| broken("not_found", "must be an order that the payment pays for.")),
    }
}
