//! Captures, releases and refunds. Each asks first what PayEx offers, then posts once to the link.
//!
//! `payeeReference` is the guard: an operation that is already in PayEx's list is not sent again, and
//! one that PayEx has "already used" is looked up instead of repeated.

use mcpay_port::{Attempt, Money, Operation, Progress, ProviderError, ProviderRef};
use url::Url;

use crate::client::Client;
use crate::link;
use crate::map::amounts::amounts;
use crate::map::create::reference;
use crate::problem::{CallError, REFERENCE_USED, refused, unsupported};
use crate::provider::provider_ref;
use crate::wire::answer::{Answer, Order};
use crate::wire::request::{Transaction, TransactionBody};

const EXPAND: &str = "paid,cancelled,financialtransactions";

/// One of PayEx's three operations on an authorised order.
#[derive(Clone, Copy)]
pub struct Deed {
    rel: &'static str,
    /// The transaction's `type` in PayEx's list.
    kind: &'static str,
    description: &'static str,
    /// Amount and the VAT in it; a release has none, it always takes everything.
    amounts: Option<(Money, Money)>,
}

impl Deed {
    pub fn capture(amount: Money, vat: Money) -> Self {
        Self {
            rel: "capture",
            kind: "Capture",
            description: "Captured by the merchant",
            amounts: Some((amount, vat)),
        }
    }

    pub fn cancel() -> Self {
        Self {
            rel: "cancel",
            kind: "Cancellation",
            description: "Released by the merchant",
            amounts: None,
        }
    }

    pub fn refund(amount: Money, vat: Money) -> Self {
        Self {
            rel: "reversal",
            kind: "Reversal",
            description: "Refunded by the merchant",
            amounts: Some((amount, vat)),
        }
    }

    /// # Errors
    /// `DidNotHappen`, before anything is sent.
    fn check(&self) -> Result<(), ProviderError> {
        let Some((amount, vat)) = self.amounts else {
            return Ok(());
        };
        let fine = amount.is_positive()
            && amount.currency() == vat.currency()
            && (0..=amount.minor()).contains(&vat.minor());
        if fine {
            Ok(())
        } else {
            Err(unsupported("the amount or its VAT is out of range"))
        }
    }

    /// Refused here rather than by PayEx, which locks an order after five refusals.
    ///
    /// # Errors
    /// `DidNotHappen(Refused)`.
    fn check_against(&self, order: &Order) -> Result<(), ProviderError> {
        let Some((amount, _)) = self.amounts else {
            return Ok(());
        };
        let currency = order.currency.as_deref();
        if currency.is_some_and(|code| code != amount.currency().code()) {
            return Err(refused(
                "currency_mismatch",
                "the order is in another currency",
            ));
        }
        let left = match self.kind {
            "Capture" => order.remaining_capture_amount,
            _ => order.remaining_reversal_amount,
        };
        if left.is_some_and(|left| amount.minor() > left) {
            return Err(refused(
                "amount_too_high",
                "the amount is more than what is left",
            ));
        }
        Ok(())
    }

    /// Whether this very operation is in the order already.
    fn is_done(&self, order: &Order, reference: &str) -> bool {
        order.transactions().unwrap_or_default().iter().any(|seen| {
            seen.payee_reference.as_deref() == Some(reference)
                && seen
                    .kind
                    .as_deref()
                    .is_some_and(|kind| kind.eq_ignore_ascii_case(self.kind))
                && self
                    .amounts
                    .is_none_or(|(amount, _)| seen.amount == Some(amount.minor()))
        }) || self.amounts.is_none() && is_released(order)
    }
}

/// A release may leave no transaction behind, so the amounts are asked: something was released and
/// nothing is left to release.
fn is_released(order: &Order) -> bool {
    let nothing_left = order.remaining_capture_amount.unwrap_or_default() == 0;
    nothing_left && amounts(order).is_ok_and(|amounts| amounts.cancelled > 0)
}

pub async fn transact(
    client: &Client<'_>,
    operation: Operation,
    attempt: &Attempt,
    deed: Deed,
) -> Result<Progress, ProviderError> {
    let id = provider_ref(attempt)?;
    deed.check()?;
    let reference = reference(client.settings, operation)?;
    let seen = read(client, id).await?;
    if deed.is_done(&seen.order, &reference) {
        return Ok(Progress::Done);
    }
    let url = offered(client, deed, &seen)?;
    let minor = |pick: fn((Money, Money)) -> Money| deed.amounts.map(|both| pick(both).minor());
    let body = TransactionBody {
        transaction: Transaction {
            description: deed.description,
            amount: minor(|(amount, _)| amount),
            vat_amount: minor(|(_, vat)| vat),
            payee_reference: &reference,
        },
    };
    match client.post::<_, Answer>(url, &body).await {
        // PayEx works on it and tells the end later.
        Ok(answered) if answered.status == 202 => Ok(Progress::Accepted),
        Ok(_) => Ok(Progress::Done),
        Err(error) if error.says_reference_used() => {
            look_up(client, id, deed, &reference, error).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The link to post to.
fn offered(client: &Client<'_>, deed: Deed, seen: &Answer) -> Result<Url, ProviderError> {
    deed.check_against(&seen.order)?;
    let href = seen.find_link(deed.rel).ok_or_else(|| {
        refused(
            &format!("{}_not_offered", deed.rel),
            "PayEx does not offer this operation for the order now",
        )
    })?;
    link::find_trusted(client.settings, href, EXPAND).ok_or_else(|| {
        refused(
            "foreign_link",
            "PayEx's link leads to a host that may not get the token",
        )
    })
}

/// This call did nothing; an earlier one with the same reference may have done it all.
async fn look_up(
    client: &Client<'_>,
    id: &ProviderRef,
    deed: Deed,
    reference: &str,
    refusal: CallError,
) -> Result<Progress, ProviderError> {
    let failure = refusal.error.failure().clone();
    debug_assert_eq!(failure.code.as_deref(), Some(REFERENCE_USED));
    match read(client, id).await {
        Ok(seen) if deed.is_done(&seen.order, reference) => Ok(Progress::Done),
        Ok(_) => Err(ProviderError::DidNotHappen(failure)),
        Err(_) => Err(ProviderError::MayHaveHappened(failure)),
    }
}

async fn read(client: &Client<'_>, id: &ProviderRef) -> Result<Answer, CallError> {
    let url = link::own(client.settings, id.as_str(), Some(EXPAND));
    client.get(url).await.map(|answered| answered.body)
}
