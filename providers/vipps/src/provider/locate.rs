//! Finds out what an attempt is called at the provider.
//!
//! By its reference there, else by ours: an ePayment bears it as its reference, a charge the id of
//! the operation that began it. An agreement whose draft got no answer is looked for in the list of
//! agreements, by its external id. The list may be read five times a minute only, so the search is
//! short: one page of each status, and one more. Where there are more than that, 500 agreements each,
//! it is not known whether ours is among them; and once a draft is over, nobody looks for it.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use chrono::{Duration, Utc};
use mcpay_port::{Attempt, PaymentMethod, PaymentRef, ProviderError};

use crate::client::limits::{Kind, Limit};
use crate::client::{Call, Client};
use crate::map::agreement::{ACTIVE, EXPIRED, PENDING, STOPPED};
use crate::map::reference::{ChargeName, Target};
use crate::problem::{not_found, unsupported};
use crate::wire::answer::Agreement;

/// Without a status only active agreements are listed; the likeliest come first.
const STATUSES: [&str; 4] = [PENDING, ACTIVE, STOPPED, EXPIRED];
/// One of each status. A search that could not look everywhere would only use up the next one's calls.
const FIRST_PAGES: NonZeroU32 = NonZeroU32::new(4).unwrap();
/// After this nobody can approve a draft any more, and of one without an answer nobody ever got the
/// link: it is not worth the calls that others need.
const DRAFT_LIFE: Duration = Duration::minutes(10);
/// Our clock and the provider's may differ.
const CLOCK_SKEW: Duration = Duration::minutes(5);

/// # Errors
/// `DidNotHappen(NotFound)` when the provider does not know it.
pub async fn locate(client: &Client<'_>, attempt: &Attempt) -> Result<Target, ProviderError> {
    if let Some(provider_ref) = &attempt.provider_ref {
        return Target::find(provider_ref).ok_or_else(not_found);
    }
    if let Some(begun) = &attempt.charge {
        return Target::find_begun(begun).ok_or_else(not_found);
    }
    match attempt.method {
        PaymentMethod::VippsEcommerce => Ok(Target::Payment(attempt.reference)),
        PaymentMethod::VippsRecurring => search(client, attempt.reference).await,
        PaymentMethod::CreditcardPayex | PaymentMethod::Nexi => {
            Err(unsupported("this method is not one of Vipps MobilePay"))
        }
    }
}

/// What holds an attempt's money.
pub enum Holder {
    Payment(PaymentRef),
    Charge(ChargeName),
}

/// The money of an agreement's first payment is in its initial charge.
///
/// # Errors
/// As [`locate`].
pub async fn locate_money(client: &Client<'_>, attempt: &Attempt) -> Result<Holder, ProviderError> {
    Ok(match locate(client, attempt).await? {
        Target::Payment(reference) => Holder::Payment(reference),
        Target::Agreement(id) => Holder::Charge(ChargeName::initial(&id, attempt.reference)),
        Target::Charge(name) => Holder::Charge(name),
    })
}

async fn search(client: &Client<'_>, reference: PaymentRef) -> Result<Target, ProviderError> {
    let external_id = reference.to_string();
    let drafted_at = reference.made_at().unwrap_or_else(Utc::now);
    if Utc::now() - drafted_at > DRAFT_LIFE + CLOCK_SKEW {
        return Err(not_found());
    }
    let created_after = drafted_at - CLOCK_SKEW;
    let list = Limit::new(Kind::ListAgreements, "");
    client.count(&list, FIRST_PAGES)?;
    let created_after = created_after.timestamp_millis();
    let first_page = |status| {
        let query = format!("status={status}&createdAfter={created_after}");
        Call::get(format!("/recurring/v3/agreements?{query}"))
    };
    let mut calls = VecDeque::from(STATUSES.map(first_page));
    while let Some(call) = calls.pop_front() {
        let answered = client.send(&call).await?;
        let page: Vec<Agreement> = answered.json()?;
        let ours = |it: &&Agreement| it.external_id.as_ref() == Some(&external_id);
        if let Some(found) = page.iter().find(ours) {
            return Target::find_agreement(&found.id)
                .ok_or_else(|| answered.bad("the agreement's id is malformed"));
        }
        if answered.continuation.is_some() {
            let next = call.continued(answered.continuation);
            calls.push_back(next.limited(Kind::ListAgreements, ""));
        }
    }
    Err(not_found())
}
