//! Finds out what an attempt is called at the provider.
//!
//! By its reference there, else by ours: an ePayment bears it as its reference, a charge the id of
//! the operation that began it. An agreement whose draft got no answer is looked for in the list of
//! agreements, by its external id. The list may be read five times a minute only, so the search is
//! short: the newest agreements of each status.

use chrono::{DateTime, Duration, Utc};
use mcpay_port::{Attempt, PaymentMethod, PaymentRef, ProviderError};

use crate::client::{Call, Client};
use crate::map::agreement::{ACTIVE, EXPIRED, PENDING, STOPPED};
use crate::map::reference::{ChargeName, Target};
use crate::problem::{not_found, unsupported};
use crate::wire::answer::Agreement;

/// Without a status only active agreements are listed; the likeliest come first.
const STATUSES: [&str; 4] = [PENDING, ACTIVE, STOPPED, EXPIRED];
/// A page has 500 agreements. With more than this since the draft, a callback must tell.
const MAX_PAGES: usize = 2;
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
    let created_after = drafted_at(reference) - CLOCK_SKEW;
    for status in STATUSES {
        let after_ms = created_after.timestamp_millis();
        let path = format!("/recurring/v3/agreements?status={status}&createdAfter={after_ms}");
        let mut call = Call::get(path.clone());
        for _ in 0..MAX_PAGES {
            let answered = client.send(&call).await?;
            let page: Vec<Agreement> = answered.json()?;
            let ours = |it: &&Agreement| it.external_id.as_ref() == Some(&external_id);
            if let Some(found) = page.iter().find(ours) {
                return Target::find_agreement(&found.id)
                    .ok_or_else(|| answered.bad("the agreement's id is malformed"));
            }
            if answered.continuation.is_none() {
                break;
            }
            call = Call::get(path.clone()).continued(answered.continuation);
        }
    }
    Err(not_found())
}

/// Our reference is a version 7 UUID, which holds the time it was made at.
fn drafted_at(reference: PaymentRef) -> DateTime<Utc> {
    reference
        .0
        .get_timestamp()
        .and_then(|at| {
            let (seconds, nanos) = at.to_unix();
            DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
        })
        .unwrap_or_else(Utc::now)
}
