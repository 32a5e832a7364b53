//! Operate: the way that a capture, a release and a refund share: look the key up, weigh the
//! request, commit the intent, call, record, ask, answer (CONTRACT 5, 8.12, 8.13).
//!
//! All of it under the lock of the payment, so that requests for one payment take turns in this
//! process; between processes the payment's version decides.

use chrono::TimeDelta;
use mcpay_port::{Currency, Money, MoneyError, PaymentRef};
use rust_decimal::Decimal;

use super::answer::told_of;
use super::asked::{AskError, Asked, Teller, Told};
use super::automatic::LOOK_AFTER;
use super::carry::{Carried, Owner};
use super::ledger;
use super::operation::{NewOperation, OperationKind};
use super::payment::Payment;
use super::ports::{Change, Intended, StoredAnswer};
use super::service::Payments;
use super::terms::FieldError;
use crate::ports::StoreError;

/// When somebody else looks after an operation whose owner has not recorded its end.
pub(super) const OWNER_LIMIT: TimeDelta = TimeDelta::seconds(60);

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    Capture(Option<Decimal>),
    Refund {
        order: Option<i64>,
        amount: Option<Decimal>,
    },
    Cancel,
}

/// Why there is nothing to intend.
pub(super) enum Objection {
    /// Told, and kept for the key.
    Told(Told),
    /// Told, and not kept.
    Error(AskError),
}

impl<E: Into<AskError>> From<E> for Objection {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl Wanted {
    const fn route(self) -> &'static str {
        match self {
            Self::Capture(_) => "capture",
            Self::Refund { .. } => "refund",
            Self::Cancel => "cancel",
        }
    }
}

impl Payments {
    pub(super) async fn operate(
        &self,
        asked: &Asked,
        reference: PaymentRef,
        wanted: Wanted,
        teller: &dyn Teller,
    ) -> Result<StoredAnswer, AskError> {
        self.payment_of(&asked.client, reference).await?;
        let flight = self.flights.of(reference);
        let _alone = flight.lock().await;
        let claim = asked.claim(wanted.route(), self.clock.now());
        if let Some(answer) = self.find_answer(&claim, teller).await? {
            return Ok(answer);
        }
        let (payment, operation) = loop {
            let payment = self.payment_of(&asked.client, reference).await?;
            let change = match self.weigh(payment, wanted).await {
                Ok(change) => change,
                Err(Objection::Error(error)) => return Err(error),
                Err(Objection::Told(told)) => {
                    return Ok(self.tell(&claim, reference, &told, teller).await);
                }
            };
            match self.store.intend(&change, &claim).await {
                Ok(Intended::Intended) => break committed(change)?,
                Ok(Intended::Key(used)) => return self.answer_of_key(used, teller).await,
                // Somebody else was faster, or the number was taken: weigh it again.
                Ok(Intended::Overtaken)
                | Err(StoreError::Constraint(
                    "operations_number_unique" | "orders_refunds_within_amount",
                )) => {}
                Err(error) => return Err(error.into()),
            }
        };
        let operation = operation.into_stored();
        let Carried(called) = self.carry(payment, &operation, Owner::Backend).await?;
        let told = told_of(&operation, &called);
        Ok(self.tell(&claim, reference, &told, teller).await)
    }

    async fn weigh(&self, payment: Payment, wanted: Wanted) -> Result<Change, Objection> {
        match wanted {
            Wanted::Capture(amount) => self.weigh_capture(payment, amount).await,
            Wanted::Refund { order, amount } => self.weigh_refund(payment, order, amount).await,
            Wanted::Cancel => self.weigh_cancel(payment),
        }
    }

    /// The intent of an operation of `amount`, with everything it uses up.
    pub(super) async fn intent_of(
        &self,
        mut payment: Payment,
        kind: OperationKind,
        amount: Money,
    ) -> Result<Change, StoreError> {
        let before = self.store.find_operations(payment.reference).await?;
        let vat = ledger::vat_of_part(&payment, kind, amount, &before);
        ledger::reserve(&mut payment, kind, amount);
        Ok(self.due_change(payment, kind, Some((amount, vat))))
    }

    /// A change whose operation is called by whoever saves it, and by the timer if that one dies.
    pub(super) fn due_change(
        &self,
        mut payment: Payment,
        kind: OperationKind,
        amounts: Option<(Money, Money)>,
    ) -> Change {
        let now = self.clock.now();
        payment.release_at = None;
        payment.inquire_at = Some(now + LOOK_AFTER);
        payment.inquiries = 0;
        let operation = NewOperation {
            amount: amounts.map(|(amount, _)| amount),
            vat: amounts.map(|(_, vat)| vat),
            due_at: Some(now + OWNER_LIMIT),
            ..self.new_operation(&payment, kind)
        };
        Change {
            next_operation: Some(operation),
            ..Change::of(payment)
        }
    }
}

/// The payment and its operation, once the change is saved.
pub(super) fn committed(change: Change) -> Result<(Payment, NewOperation), StoreError> {
    let mut payment = change.payment;
    payment.version += 1;
    let operation = change
        .next_operation
        .ok_or_else(|| StoreError::Broken("an intent without an operation".into()))?;
    Ok((payment, operation))
}

/// The amount that is asked for, or all of it: more than nothing, and not more than is `left`.
pub(super) fn part_of(
    left: Money,
    amount: Option<Decimal>,
    what: &'static str,
    nothing_left: impl FnOnce() -> String,
) -> Result<Money, Objection> {
    let Some(amount) = amount else {
        return if left.is_positive() {
            Ok(left)
        } else {
            Err(Objection::Told(Told::StateConflict(nothing_left())))
        };
    };
    let amount = read_amount(amount, left.currency())
        .map_err(|error| Objection::Error(AskError::Fields(vec![error])))?;
    if amount.minor() > left.minor() {
        return Err(Objection::Told(Told::AmountExceeded { left, what }));
    }
    Ok(amount)
}

/// An amount of more than nothing, with no more decimals than the currency has.
pub(super) fn read_amount(amount: Decimal, currency: Currency) -> Result<Money, FieldError> {
    let broken = |code, message: String| FieldError::new("amount", code, message);
    match Money::from_major(amount, currency) {
        Ok(amount) if amount.is_positive() => Ok(amount),
        Ok(_) => Err(broken("out_of_range", "must be more than 0.".to_owned())),
        Err(MoneyError::TooManyDecimals) => Err(broken(
            "too_many_decimals",
            format!("must have at most {} decimals.", currency.minor_digits()),
        )),
        Err(_) => Err(broken("out_of_range", "is too large.".to_owned())),
    }
}
