//! Aborts an order that nobody has paid. Only an answer that says `Aborted` closes it: an order that
//! was believed dead and was not has been paid later.

use mcpay_port::{Attempt, Progress, ProviderError};

use crate::client::Client;
use crate::link;
use crate::problem::refused;
use crate::provider::provider_ref;
use crate::wire::answer::Answer;
use crate::wire::request::{Abort, PaymentOrderBody};

const ABORTED: &str = "Aborted";

pub async fn close(client: &Client<'_>, attempt: &Attempt) -> Result<Progress, ProviderError> {
    let id = provider_ref(attempt)?;
    let url = link::own(client.settings, id.as_str(), None);
    let seen = client.get::<Answer>(url).await?.body;
    if seen.order.status == ABORTED {
        return Ok(Progress::Done);
    }
    // Absent when it is authorised, and while the payer is in another app.
    let href = seen.find_link("abort").ok_or_else(|| {
        refused(
            "abort_not_offered",
            "PayEx does not offer to abort the order now",
        )
    })?;
    let url = link::find_trusted(client.settings, href, "paid").ok_or_else(|| {
        refused(
            "foreign_link",
            "PayEx's link leads to a host that may not get the token",
        )
    })?;
    let body = PaymentOrderBody {
        paymentorder: Abort {
            operation: "Abort",
            abort_reason: "CancelledByConsumer",
        },
    };
    let answer = client.patch::<_, Answer>(url, &body).await?.body;
    if answer.order.status == ABORTED {
        Ok(Progress::Done)
    } else {
        Err(refused(
            "not_aborted",
            "PayEx took the abort and did not abort the order",
        ))
    }
}
