//! Captures and refunds, part or all. Sent once: after a lost answer the service asks again with
//! the same operation, and the provider then gives the first answer.
//!
//! For how long it remembers a key is not documented. Where that could matter its own record decides:
//! what is old is looked for before it is sent, so that no money moves twice, and what is refused is
//! looked for before the refusal is believed, since it may be the repetition of what was done.

use chrono::TimeDelta;
use mcpay_port::{Attempt, FailureKind, Progress, ProviderError};

use crate::client::limits::Kind;
use crate::client::{Call, Client};
use crate::map;
use crate::map::history::{Deed, Sought};
use crate::problem::{in_doubt, is_no, unsupported};
use crate::provider::locate::{Holder, locate_money};
use crate::provider::progress;
use crate::provider::read::{read_charge, read_log};
use crate::wire::answer::Modified;

/// A younger operation's key is known to the provider.
const KEY_IS_FRESH: TimeDelta = TimeDelta::hours(1);

pub async fn transact(
    client: &Client<'_>,
    attempt: &Attempt,
    sought: Sought,
) -> Result<Progress, ProviderError> {
    if !sought.amount.is_positive() {
        return Err(unsupported("the amount is out of range"));
    }
    let holder = locate_money(client, attempt).await?;
    let is_old = sought.operation.is_older_than(KEY_IS_FRESH);
    if is_old && was_done(client, &holder, &sought).await.map_err(in_doubt)? {
        return Ok(Progress::Done);
    }
    match send(client, &holder, sought).await {
        Err(error) if error.failure().kind == FailureKind::Refused => {
            after_refusal(client, &holder, &sought, error).await
        }
        told => told,
    }
}

async fn send(
    client: &Client<'_>,
    holder: &Holder,
    sought: Sought,
) -> Result<Progress, ProviderError> {
    let Sought {
        operation,
        deed,
        amount,
    } = sought;
    let path = |of: &str| match deed {
        Deed::Capture => format!("{of}/capture"),
        Deed::Refund => format!("{of}/refund"),
    };
    match holder {
        Holder::Payment(reference) => {
            let kind = match deed {
                Deed::Capture => Kind::CapturePayment,
                Deed::Refund => Kind::RefundPayment,
            };
            let call = Call::post(path(&format!("/epayment/v1/payments/{reference}")))
                .json(&map::payment::modification(amount))?
                .limited(kind, reference.to_string());
            let answered = client.send(&call.keyed(operation)).await?;
            answered.json::<Modified>().map(|_| Progress::Done)
        }
        Holder::Charge(name) => {
            let (kind, body) = match deed {
                Deed::Capture => (Kind::CaptureCharge, map::charge::capture(amount)),
                Deed::Refund => (Kind::RefundCharge, map::charge::refund(amount)),
            };
            let call = Call::post(path(&name.path()))
                .json(&body)?
                .limited(kind, name.to_string());
            Ok(progress(&client.send(&call.keyed(operation)).await?))
        }
    }
}

/// A refusal stands when the record does not have the operation. Where the record cannot be read at
/// the moment, nobody knows.
async fn after_refusal(
    client: &Client<'_>,
    holder: &Holder,
    sought: &Sought,
    refusal: ProviderError,
) -> Result<Progress, ProviderError> {
    match was_done(client, holder, sought).await {
        Ok(true) => Ok(Progress::Done),
        Ok(false) => Err(refusal),
        Err(_) => Err(in_doubt(refusal)),
    }
}

/// Whether the record has it. It does not where the provider says no to the question.
///
/// # Errors
/// When the record could not be read at the moment.
async fn was_done(
    client: &Client<'_>,
    holder: &Holder,
    sought: &Sought,
) -> Result<bool, ProviderError> {
    let looked = match holder {
        Holder::Payment(reference) => read_log(client, *reference)
            .await
            .map(|events| sought.is_in_log(&events)),
        Holder::Charge(name) => read_charge(client, name)
            .await
            .map(|charge| sought.is_in_history(&charge)),
    };
    match looked {
        Err(error) if is_no(&error) => Ok(false),
        told => told,
    }
}
