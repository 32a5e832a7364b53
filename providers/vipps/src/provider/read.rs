//! Reads one thing of the provider: a payment, its event log, an agreement or a charge. Nothing but
//! GETs, so whatever goes wrong, nothing happened.

use mcpay_port::{PaymentRef, ProviderError};

use crate::client::limits::Kind;
use crate::client::{Call, Client};
use crate::map::reference::ChargeName;
use crate::wire::answer::{Agreement, Charge, Payment, PaymentEvent};

pub async fn read_payment(
    client: &Client<'_>,
    reference: PaymentRef,
) -> Result<Payment, ProviderError> {
    let call = Call::get(format!("/epayment/v1/payments/{reference}"))
        .limited(Kind::GetPayment, reference.to_string());
    client.send(&call).await?.json()
}

/// The event log of a payment.
pub async fn read_log(
    client: &Client<'_>,
    reference: PaymentRef,
) -> Result<Vec<PaymentEvent>, ProviderError> {
    let call = Call::get(format!("/epayment/v1/payments/{reference}/events"))
        .limited(Kind::GetEvents, reference.to_string());
    client.send(&call).await?.json()
}

pub async fn read_agreement(client: &Client<'_>, id: &str) -> Result<Agreement, ProviderError> {
    let call = Call::get(format!("/recurring/v3/agreements/{id}"));
    client
        .send(&call.limited(Kind::GetAgreement, id))
        .await?
        .json()
}

pub async fn read_charge(client: &Client<'_>, name: &ChargeName) -> Result<Charge, ProviderError> {
    let call = Call::get(name.path()).limited(Kind::GetCharge, name.to_string());
    client.send(&call).await?.json()
}
