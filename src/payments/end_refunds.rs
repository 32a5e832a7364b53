//! End refunds: what the provider had only accepted and now tells the end of (CONTRACT 8.12).
//!
//! A completed refund ends its operation; that it is complete is told by the payment's own
//! transition. A failed one gives its amount back, and is told here. What must never live here: a
//! call to a provider.

use mcpay_port::RefundSeen;

use super::ledger;
use super::operation::{OperationKind, OperationOutcome, OperationStatus, StoredOperation};
use super::payment::Payment;
use super::ports::{Change, OrderRefund, Saved};
use super::service::{Payments, Trouble};
use crate::events::EventType;

/// What the provider calls a refund that it could not carry out.
const FAILED: &str = "refund_failed";

impl Payments {
    /// Ends the accepted refunds that `seen` tells the end of; answers how the payment then stands.
    pub(super) async fn end_refunds(
        &self,
        mut payment: Payment,
        seen: &[RefundSeen],
    ) -> Result<Payment, Trouble> {
        for refund in seen.iter().filter(|refund| refund.pending.is_zero()) {
            payment = self.end_refund(payment, refund).await?;
        }
        Ok(payment)
    }

    async fn end_refund(
        &self,
        mut payment: Payment,
        seen: &RefundSeen,
    ) -> Result<Payment, Trouble> {
        loop {
            let operations = self.store.find_operations(payment.reference).await?;
            let accepted = operations.into_iter().find(|one| {
                one.operation.id == seen.operation
                    && one.kind == OperationKind::Refund
                    && one.status == OperationStatus::Accepted
            });
            let Some(change) = accepted.and_then(|one| self.ended(&payment, &one, seen)) else {
                return Ok(payment);
            };
            if self.save(&change).await? == Saved::Saved {
                let mut saved = change.payment;
                saved.version += 1;
                return Ok(saved);
            }
            payment = self.get_payment(payment.reference).await?;
        }
    }

    /// Nothing while a part of the refund is not listed yet.
    fn ended(
        &self,
        payment: &Payment,
        operation: &StoredOperation,
        seen: &RefundSeen,
    ) -> Option<Change> {
        let now = self.clock.now();
        let has_failed = seen.failed.is_positive();
        if !has_failed && Some(seen.completed) != operation.amount {
            return None;
        }
        let outcome = OperationOutcome {
            operation: operation.operation,
            status: if has_failed {
                OperationStatus::Failed
            } else {
                OperationStatus::Done
            },
            code: has_failed.then(|| FAILED.to_owned()),
            finished_at: now,
            due_at: None,
        };
        let mut change = Change {
            operation: Some(outcome),
            ..Change::of(payment.clone())
        };
        if has_failed {
            tracing::warn!(mc_pay_ref = %payment.reference, "an accepted refund was not carried out");
            ledger::give_back(&mut change.payment, OperationKind::Refund, seen.failed);
            change.order_refund = OrderRefund::given_back(operation.order, seen.failed);
            let event = EventType::PaymentRefundFailed;
            let event = change.payment.tell(event, self.ids.uuid(), now);
            change.events.push(event);
        }
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use mcpay_port::{OperationId, Snapshot};
    use uuid::Uuid;

    use super::super::payment::{Amounts, Status};
    use super::super::state::apply;
    use super::super::state::tests::{approved, nok, now, payment};
    use super::*;

    #[test]
    fn refunds_are_passed_on_only_from_an_answer_that_is_believed() {
        let refund = RefundSeen {
            operation: OperationId(Uuid::from_u128(3)),
            completed: nok(0),
            pending: nok(0),
            failed: nok(100),
        };
        let captured = Payment {
            status: Status::Captured,
            authorized_at: Some(now()),
            amounts: Amounts {
                authorized: nok(34_900),
                captured: nok(34_900),
                ..payment().amounts
            },
            ..payment()
        };
        let believed = Snapshot {
            refunds: vec![refund],
            ..approved(34_900, 0, 0)
        };
        let anothers = Snapshot {
            order_amount: nok(1),
            ..believed.clone()
        };
        let overtaken = Snapshot {
            captured: nok(100),
            ..believed.clone()
        };
        assert_eq!(apply(&captured, &believed, now()).refunds, [refund]);
        for disbelieved in [anothers, overtaken] {
            assert!(apply(&captured, &disbelieved, now()).refunds.is_empty());
        }
    }
}
