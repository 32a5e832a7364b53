//! Creates an ePayment, or drafts an agreement. Repeated once when the answer is lost: the key
//! makes that harmless.

use mcpay_port::{NextStep, Operation, PaymentMethod, PaymentOrder, ProviderError, Started};

use crate::client::exchange::Answered;
use crate::client::limits::Kind;
use crate::client::{Call, Client};
use crate::link;
use crate::map::draft::draft;
use crate::map::payment::create;
use crate::map::reference::Target;
use crate::problem::unsupported;
use crate::wire::answer::{CreatedPayment, DraftedAgreement};

pub async fn initiate(
    client: &Client<'_>,
    operation: Operation,
    order: &PaymentOrder,
) -> Result<Started, ProviderError> {
    match order.method {
        PaymentMethod::VippsEcommerce => {
            let call = Call::post("/epayment/v1/payments".to_owned()).json(&create(order)?)?;
            let call = call.limited(Kind::CreatePayment, order.reference.to_string());
            let answered = client.send(&call.keyed(operation).repeated()).await?;
            let page = answered.json::<CreatedPayment>()?.redirect_url;
            started(client, &answered, &Target::Payment(order.reference), page)
        }
        PaymentMethod::VippsRecurring => {
            let call = Call::post("/recurring/v3/agreements".to_owned()).json(&draft(order)?)?;
            let call = call.limited(Kind::DraftAgreement, "");
            let answered = client.send(&call.keyed(operation).repeated()).await?;
            let drafted = answered.json::<DraftedAgreement>()?;
            let target = Target::find_agreement(&drafted.agreement_id)
                .ok_or_else(|| answered.bad("the agreement's id is malformed"))?;
            started(client, &answered, &target, drafted.vipps_confirmation_url)
        }
        PaymentMethod::CreditcardPayex | PaymentMethod::Nexi => {
            Err(unsupported("this method is not one of Vipps MobilePay"))
        }
    }
}

/// Without a page the payment exists and cannot be paid, so it may have happened.
fn started(
    client: &Client<'_>,
    answered: &Answered,
    target: &Target,
    page: Option<String>,
) -> Result<Started, ProviderError> {
    let page = page
        .and_then(|page| link::find_for_browser(client.settings, &page))
        .ok_or_else(|| answered.bad("the answer has no link to a payment page"))?;
    Ok(Started {
        provider_ref: Some(target.to_ref()),
        next: NextStep::Redirect(page),
    })
}
