//! Captures and refunds, part or all. Sent once: after a lost answer the service asks again with
//! the same operation, and the provider then gives the first answer.

use mcpay_port::{Attempt, Money, Operation, Progress, ProviderError};

use crate::client::{Call, Client};
use crate::map;
use crate::problem::unsupported;
use crate::provider::locate::{Holder, locate_money};
use crate::provider::progress;
use crate::wire::answer::Modified;
use crate::wire::request::ChargeModification;

#[derive(Clone, Copy)]
pub enum Deed {
    Capture,
    Refund,
}

impl Deed {
    /// The last part of the path, in both APIs.
    fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Refund => "refund",
        }
    }

    fn on_charge(self, amount: Money) -> ChargeModification {
        match self {
            Self::Capture => map::charge::capture(amount),
            Self::Refund => map::charge::refund(amount),
        }
    }
}

pub async fn transact(
    client: &Client<'_>,
    operation: Operation,
    attempt: &Attempt,
    deed: Deed,
    amount: Money,
) -> Result<Progress, ProviderError> {
    if !amount.is_positive() {
        return Err(unsupported("the amount is out of range"));
    }
    match locate_money(client, attempt).await? {
        Holder::Payment(reference) => {
            let path = format!("/epayment/v1/payments/{reference}/{}", deed.name());
            let call = Call::post(path).json(&map::payment::modification(amount))?;
            let answered = client.send(&call.keyed(operation)).await?;
            answered.json::<Modified>().map(|_| Progress::Done)
        }
        Holder::Charge(name) => {
            let path = format!("{}/{}", name.path(), deed.name());
            let call = Call::post(path).json(&deed.on_charge(amount))?;
            Ok(progress(&client.send(&call.keyed(operation)).await?))
        }
    }
}
