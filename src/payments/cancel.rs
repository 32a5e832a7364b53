//! Cancel: release everything that is authorised and not captured.

use std::sync::Arc;

use mcpay_port::PaymentRef;

use super::answer::describe;
use super::asked::{AskError, Asked, Teller, Told};
use super::capture::is_standing;
use super::ledger;
use super::operate::{Objection, Wanted};
use super::operation::OperationKind;
use super::payment::Payment;
use super::ports::{Change, StoredAnswer};
use super::service::Payments;

impl Payments {
    pub async fn cancel(
        self: &Arc<Self>,
        asked: &Asked,
        payment: PaymentRef,
        teller: &dyn Teller,
    ) -> Result<StoredAnswer, AskError> {
        self.operate(asked, payment, Wanted::Cancel, teller).await
    }

    pub(super) fn weigh_cancel(&self, payment: Payment) -> Result<Change, Objection> {
        if !is_standing(&payment) || !ledger::left_to_capture(&payment).is_positive() {
            return Err(Objection::Told(Told::StateConflict(describe(&payment))));
        }
        Ok(self.due_change(payment, OperationKind::Cancel, None))
    }
}
