//! Capture: take what was authorised, or a part of it, because the merchant's backend says so.

use std::sync::Arc;

use mcpay_port::PaymentRef;
use rust_decimal::Decimal;

use super::answer::describe;
use super::asked::{AskError, Asked, Teller, Told};
use super::ledger;
use super::operate::{Objection, Wanted, part_of};
use super::operation::OperationKind;
use super::payment::{Payment, PublicStatus};
use super::ports::{Change, StoredAnswer};
use super::service::Payments;

impl Payments {
    /// Takes `amount` in major units; everything that is left when there is none.
    pub async fn capture(
        self: &Arc<Self>,
        asked: &Asked,
        payment: PaymentRef,
        amount: Option<Decimal>,
        teller: &dyn Teller,
    ) -> Result<StoredAnswer, AskError> {
        self.operate(asked, payment, Wanted::Capture(amount), teller)
            .await
    }

    pub(super) async fn weigh_capture(
        &self,
        payment: Payment,
        amount: Option<Decimal>,
    ) -> Result<Change, Objection> {
        let kind = OperationKind::Capture;
        if !is_standing(&payment) {
            return Err(Objection::Told(Told::StateConflict(describe(&payment))));
        }
        let left = ledger::left_to_capture(&payment);
        let amount = part_of(left, amount, "left to capture", || describe(&payment))?;
        Ok(self.intent_of(payment, kind, amount).await?)
    }
}

/// Whether money is or was reserved under it, and not all of it was released.
pub(super) fn is_standing(payment: &Payment) -> bool {
    payment.status.public() == PublicStatus::Success && payment.amounts.authorized.is_positive()
}
