//! What the provider's own record says: the event log of an ePayment, and the history of a charge.
//! Both name the idempotency key of each entry, so that one of our operations can be found in them
//! when its answer proves nothing.

use mcpay_port::{Money, Operation};

use crate::wire::answer::{Aggregate, Amount, Charge, PaymentEvent};

/// What moves money that was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Capture,
    Refund,
}

/// One of our operations, and what it was to do.
#[derive(Clone, Copy, Debug)]
pub struct Sought {
    pub operation: Operation,
    pub deed: Deed,
    pub amount: Money,
}

impl Sought {
    /// Whether the event log of a payment says that it was done.
    pub fn is_in_log(&self, events: &[PaymentEvent]) -> bool {
        let name = match self.deed {
            Deed::Capture => CAPTURED,
            Deed::Refund => REFUNDED,
        };
        let is_amount = |amount: &Amount| {
            amount.value == self.amount.minor() && amount.currency == self.amount.currency().code()
        };
        events.iter().any(|event| {
            event.name.as_deref() == Some(name)
                && event.success == Some(true)
                && self.has_key(event.idempotency_key.as_ref())
                && event.amount.as_ref().is_some_and(is_amount)
        })
    }

    /// Whether the history of a charge says that it was done.
    pub fn is_in_history(&self, charge: &Charge) -> bool {
        let name = match self.deed {
            Deed::Capture => "CAPTURE",
            Deed::Refund => "REFUND",
        };
        charge.currency == self.amount.currency().code()
            && charge.history.iter().flatten().any(|past| {
                past.event.as_deref() == Some(name)
                    && past.success == Some(true)
                    && self.has_key(past.idempotency_key.as_ref())
                    && past.amount == Some(self.amount.minor())
            })
    }

    fn has_key(&self, key: Option<&String>) -> bool {
        key.is_some_and(|key| *key == self.operation.id.to_string())
    }
}

const CAPTURED: &str = "CAPTURED";
const REFUNDED: &str = "REFUNDED";

/// The aggregate of a payment as its event log has it, for an answer that has none. Nothing when the
/// log has gaps, no authorisation, another currency, or no bounds; what does not add up is found where all
/// aggregates are checked.
pub fn aggregate(events: &[PaymentEvent], currency: &str) -> Option<Aggregate> {
    let done = events.iter().filter(|event| event.success != Some(false));
    let done: Vec<(&str, &Amount)> = done
        .map(|event| {
            event.success?;
            Some((event.name.as_deref()?, event.amount.as_ref()?))
        })
        .collect::<Option<_>>()?;
    if done.iter().any(|(_, amount)| amount.currency != currency) {
        return None;
    }
    let sum = |name: &str| {
        let mut amounts = done.iter().filter(|(event, _)| *event == name);
        let value = amounts.try_fold(0_i64, |sum, (_, amount)| sum.checked_add(amount.value))?;
        Some(Amount {
            currency: currency.to_owned(),
            value,
        })
    };
    let authorized_amount = sum("AUTHORIZED").filter(|it| it.value > 0)?;
    Some(Aggregate {
        authorized_amount,
        captured_amount: sum(CAPTURED)?,
        cancelled_amount: sum("CANCELLED")?,
        refunded_amount: sum(REFUNDED)?,
    })
}

#[cfg(test)]
#[path = "history_test.rs"]
mod tests;
