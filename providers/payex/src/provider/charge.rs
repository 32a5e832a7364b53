//! Charges an agreement without the payer. The create is the charge, so it is sent once; the answer
//! is the only news of it, since PayEx sends no callback for card charges.

use mcpay_port::{AgreementRef, ChargeOrder, Charged, Operation, ProviderError};

use crate::client::Client;
use crate::link;
use crate::map;
use crate::map::create::reference;
use crate::problem::unsupported;
use crate::wire::answer::Answer;
use crate::wire::request::PaymentOrderBody;

pub async fn charge(
    client: &Client<'_>,
    operation: Operation,
    agreement: &AgreementRef,
    order: &ChargeOrder,
) -> Result<Charged, ProviderError> {
    let vat_fits = order.amount.currency() == order.vat.currency()
        && (0..=order.amount.minor()).contains(&order.vat.minor());
    if !order.amount.is_positive() || !vat_fits {
        return Err(unsupported("the amount or its VAT is out of range"));
    }
    let reference = reference(client.settings, operation)?;
    let body = map::charge::charge(client.settings, agreement, order, &reference);
    let url = link::own(client.settings, "/psp/paymentorders", Some("paid,failed"));
    let body = PaymentOrderBody { paymentorder: body };
    match client.post::<_, Answer>(url, &body).await {
        Ok(answered) => {
            map::charge::charged(&answered.body.order).map_err(ProviderError::MayHaveHappened)
        }
        // The two forms of a declined charge: this refusal, or an order that is Failed.
        Err(error) => match error.find_card_refusal() {
            Some(code) => Ok(map::charge::declined(code)),
            None => Err(error.into()),
        },
    }
}
