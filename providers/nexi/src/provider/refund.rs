//! Gives back what was charged. Retrieves once, for the ids of the charges, and sends one refund
//! per charge that is needed. Nexi carries refunds out later, so the end is told by an inquiry, or
//! by repeating the operation, which sends nothing twice.

use mcpay_port::{Attempt, Money, Operation, Progress, ProviderError};

use crate::client::Client;
use crate::link;
use crate::map::item::Amount;
use crate::map::refund::{Plan, Share, plan};
use crate::problem::unsupported;
use crate::provider::{provider_ref, retrieve};
use crate::wire::answer::Moved;
use crate::wire::request::Part;

pub async fn refund(
    client: &Client<'_>,
    operation: Operation,
    attempt: &Attempt,
    amount: Money,
    vat: Money,
) -> Result<Progress, ProviderError> {
    let id = provider_ref(attempt)?;
    if !Amount::of(amount, vat)?.is_positive() {
        return Err(unsupported("a refund needs an amount"));
    }
    let payment = retrieve(client, id).await?.body;
    let (shares, mut resumed) = match plan(&payment, operation, amount.minor())? {
        Plan::Settled(progress) => return Ok(progress),
        Plan::Send { shares, resumed } => (shares, resumed),
    };
    for share in shares {
        let body = body(operation, &share, amount, vat)?;
        let url = link::own(client.settings, &["charges", share.charge, "refunds"]);
        let key = share.key(operation);
        let sent = client.post_with_key::<_, Moved>(url, &key, &body).await;
        match sent {
            Ok(_) => resumed = true,
            // The parts before it are with Nexi.
            Err(ProviderError::DidNotHappen(failure)) if resumed => {
                return Err(ProviderError::MayHaveHappened(failure));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Progress::Accepted)
}

/// Always with a line, also where all of a charge is refunded: its reference is how the refund is
/// recognised later.
fn body(
    operation: Operation,
    share: &Share<'_>,
    amount: Money,
    vat: Money,
) -> Result<Part, ProviderError> {
    let money = |minor| Money::new(minor, amount.currency());
    let part_of_vat =
        i128::from(vat.minor()) * i128::from(share.amount) / i128::from(amount.minor()).max(1);
    let vat = i64::try_from(part_of_vat).unwrap_or_default();
    let part = Amount::of(money(share.amount), money(vat))?;
    Ok(Part {
        amount: part.gross(),
        order_items: Some([part.item(share.mark(operation), "Refund".to_owned())]),
    })
}
