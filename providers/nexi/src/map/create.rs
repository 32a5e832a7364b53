//! A payment order of ours -> the body of Nexi's create.

use chrono::{DateTime, Days, Months, Utc};
use mcpay_port::{AgreementTerms, Flow, PaymentMethod, PaymentOrder, ProviderError};

use crate::config::{AgreementKind, Settings};
use crate::map::country::find_alpha3;
use crate::map::item::Amount;
use crate::map::notifications::notifications;
use crate::map::phone::find_phone;
use crate::map::text;
use crate::problem::{refused, unsupported};
use crate::wire::request::{
    Checkout, Consumer, Create, Order, Subscription, UnscheduledSubscription,
};

const MAX_CHECKOUT_URL_LENGTH: usize = 256;
/// Some card processors refuse an agreement that runs for many years.
const SUBSCRIPTION_LENGTH: Months = Months::new(36);

/// The body; `now` is when the agreement begins.
///
/// # Errors
/// `DidNotHappen`, when Nexi could not take the order.
pub fn create<'a>(
    settings: &Settings,
    order: &'a PaymentOrder,
    now: DateTime<Utc>,
) -> Result<Create<'a>, ProviderError> {
    if order.method != PaymentMethod::Nexi {
        return Err(unsupported("this method is not Nexi's"));
    }
    let amount = Amount::of(order.amount, order.vat)?;
    if !amount.is_positive() && order.agreement.is_none() {
        return Err(unsupported("an amount of zero needs an agreement"));
    }
    let reference = order.reference.to_string();
    let is_kind = |kind| order.agreement.is_some() && settings.agreement == kind;
    Ok(Create {
        order: Order {
            items: [amount.item(reference.clone(), text::name(&order.description))],
            amount: amount.gross(),
            currency: order.amount.currency().code(),
            reference: reference.clone(),
        },
        checkout: checkout(order, amount)?,
        notifications: notifications(settings, &order.urls.callback, &order.callback_key),
        subscription: order
            .agreement
            .as_ref()
            .filter(|_| is_kind(AgreementKind::Subscription))
            .map(|terms| subscription(order, terms, now)),
        unscheduled_subscription: is_kind(AgreementKind::Unscheduled)
            .then_some(UnscheduledSubscription { create: true }),
        my_reference: reference,
    })
}

/// `url` is for the embedded checkout, `returnUrl` and `cancelUrl` for the hosted page; only those
/// of the flow are sent.
fn checkout(order: &PaymentOrder, amount: Amount) -> Result<Checkout<'_>, ProviderError> {
    let urls = &order.urls;
    let seamless = order.flow == Flow::Seamless;
    let page = seamless.then(|| text::url(&urls.page));
    if page
        .as_ref()
        .is_some_and(|page| page.len() > MAX_CHECKOUT_URL_LENGTH)
    {
        return Err(refused(
            "checkout_url_too_long",
            "the page's address is longer than the 256 characters that Nexi takes",
        ));
    }
    let consumer =
        find_phone(order.payer.phone_number.as_ref()).map(|phone_number| Consumer { phone_number });
    Ok(Checkout {
        integration_type: if seamless {
            "EmbeddedCheckout"
        } else {
            "HostedPaymentPage"
        },
        url: page,
        return_url: (!seamless).then_some(urls.complete.as_str()),
        cancel_url: (!seamless).then_some(urls.cancel.as_str()),
        terms_url: terms_url(order),
        merchant_handles_consumer_data: true,
        consumer,
        // A charge of zero is refused, so a registration never asks for one.
        charge: order.capture_at_once && amount.is_positive(),
        country_code: find_alpha3(&order.country),
    })
}

/// Nexi requires terms; without any the payer is led to the shop's front page.
fn terms_url(order: &PaymentOrder) -> String {
    let shop = || format!("{}/", order.urls.page.origin().ascii_serialization());
    order.urls.terms.as_ref().map_or_else(shop, text::url)
}

/// When to charge is the service's to decide, so no days are required between charges.
fn subscription(order: &PaymentOrder, terms: &AgreementTerms, now: DateTime<Utc>) -> Subscription {
    let end = now
        .checked_add_months(SUBSCRIPTION_LENGTH)
        .and_then(|end| end.checked_sub_days(Days::new(1)))
        .unwrap_or(now);
    Subscription {
        end_date: end.format("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
        interval: 0,
        allow_variable_amount: (terms.amount != order.amount).then_some(true),
    }
}

#[cfg(test)]
mod tests;
