//! A payment order of ours -> the body of PayEx's create.

use mcpay_port::{Flow, Operation, PaymentMethod, PaymentOrder, ProviderError};

use crate::client::AGENT;
use crate::config::{AgreementKind, Settings};
use crate::map::language::language;
use crate::map::text::{description, find_msisdn};
use crate::problem::unsupported;
use crate::wire::request::{Create, Exposed, PayeeInfo, Payer, Urls};

/// Restricts the menu to one entry and, unlike instrument mode, needs no agreement with PayEx.
const CARDS_ONLY: &[&str] = &["CreditCard"];

/// What PayEx cannot do, before anything is sent.
///
/// # Errors
/// `DidNotHappen(Unsupported)`.
pub fn check(order: &PaymentOrder) -> Result<(), ProviderError> {
    if order.method != PaymentMethod::CreditcardPayex {
        return Err(unsupported("this method is not PayEx's"));
    }
    if order.amount.minor() < 0 || order.vat.minor() < 0 || order.vat.minor() > order.amount.minor()
    {
        return Err(unsupported("the amount or its VAT is out of range"));
    }
    if order.amount.currency() != order.vat.currency() {
        return Err(unsupported(
            "the amount and its VAT are in different currencies",
        ));
    }
    if order.amount.is_zero() && order.agreement.is_none() {
        return Err(unsupported("an amount of zero needs an agreement"));
    }
    Ok(())
}

/// The body; `reference` is the operation's `payeeReference`. A card is always only authorised:
/// there is no capture on create.
pub fn create<'a>(
    settings: &'a Settings,
    order: &'a PaymentOrder,
    reference: &'a str,
) -> Create<'a> {
    let generate = |kind| (order.agreement.is_some() && settings.agreement == kind).then_some(true);
    let takes_money = order.amount.is_positive();
    Create {
        operation: if takes_money { "Purchase" } else { "Verify" },
        currency: order.amount.currency().code(),
        amount: takes_money.then_some(order.amount.minor()),
        vat_amount: takes_money.then_some(order.vat.minor()),
        description: description(&order.description),
        user_agent: order
            .payer
            .user_agent
            .as_deref()
            .filter(|agent| !agent.trim().is_empty())
            .unwrap_or(AGENT),
        language: language(&order.language),
        restricted_to_instruments: CARDS_ONLY,
        generate_unscheduled_token: generate(AgreementKind::Unscheduled),
        generate_recurrence_token: generate(AgreementKind::Recurrence),
        unscheduled_token: None,
        recurrence_token: None,
        urls: urls(order),
        payee_info: PayeeInfo {
            payee_id: &settings.payee_id,
            payee_reference: reference,
            order_reference: order.reference.to_string(),
        },
        payer: Payer {
            payer_reference: order
                .agreement
                .as_ref()
                .map(|terms| terms.payer_reference.as_str()),
            msisdn: find_msisdn(order.payer.phone_number.as_ref()).map(Exposed),
        },
    }
}

/// `paymentUrl` is for the seamless view and wins over `cancelUrl`, which is for the redirect; only
/// one of them is sent.
fn urls(order: &PaymentOrder) -> Urls<'_> {
    let urls = &order.urls;
    let seamless = order.flow == Flow::Seamless;
    let mut host_urls = urls.host_origins.clone();
    if host_urls.is_empty() {
        host_urls.push(urls.page.origin().ascii_serialization());
    }
    Urls {
        host_urls,
        complete_url: Some(urls.complete.as_str()),
        cancel_url: (!seamless).then_some(urls.cancel.as_str()),
        payment_url: seamless.then_some(urls.page.as_str()),
        callback_url: urls.callback.as_str(),
        terms_of_service_url: urls
            .terms
            .as_ref()
            .filter(|terms| terms.scheme() == "https")
            .map(url::Url::as_str),
    }
}

/// The `payeeReference` of an operation on this account.
///
/// # Errors
/// `DidNotHappen(Unsupported)` when the operation's number does not fit.
pub fn reference(settings: &Settings, operation: Operation) -> Result<String, ProviderError> {
    crate::map::reference::payee_reference(settings.payee_reference, operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::{order, settings};
    use mcpay_port::{AgreementTerms, Currency, Money};
    use serde_json::{Value, json};

    fn body(settings: &Settings, order: &PaymentOrder) -> Value {
        serde_json::to_value(create(settings, order, "REF")).unwrap()
    }

    fn terms(amount: Money) -> AgreementTerms {
        AgreementTerms {
            amount,
            period: None,
            payer_reference: "payer-1".to_owned(),
        }
    }

    #[test]
    fn a_seamless_purchase_has_a_payment_url_and_no_cancel_url() {
        let order = order(Flow::Seamless);
        assert_eq!(
            body(&settings("unscheduled"), &order),
            json!({
                "operation": "Purchase",
                "currency": "NOK",
                "amount": 34_900,
                "vatAmount": 6_980,
                "description": "Digital subscription",
                "userAgent": "Mozilla/5.0",
                "language": "nb-NO",
                "restrictedToInstruments": ["CreditCard"],
                "urls": {
                    "hostUrls": ["https://shop.example"],
                    "completeUrl": "https://mcpay.example/return?k=1",
                    "paymentUrl": "https://shop.example/pay?mcPayRef=1",
                    "callbackUrl": "https://mcpay.example/callback?key=2",
                },
                "payeeInfo": {
                    "payeeId": "payee-1",
                    "payeeReference": "REF",
                    "orderReference": order.reference.to_string(),
                },
                "payer": { "msisdn": "+4790000000" },
            })
        );
    }

    #[test]
    fn a_redirect_has_a_cancel_url_and_no_payment_url() {
        let body = body(&settings("unscheduled"), &order(Flow::Redirect));
        assert_eq!(
            body["urls"]["cancelUrl"],
            "https://mcpay.example/return?via=cancel"
        );
        assert_eq!(body["urls"]["paymentUrl"], Value::Null);
    }

    #[test]
    fn the_account_chooses_which_token_is_asked_for() {
        let mut order = order(Flow::Seamless);
        order.agreement = Some(terms(order.amount));
        for (kind, asked, other) in [
            (
                "unscheduled",
                "generateUnscheduledToken",
                "generateRecurrenceToken",
            ),
            (
                "recurrence",
                "generateRecurrenceToken",
                "generateUnscheduledToken",
            ),
        ] {
            let body = body(&settings(kind), &order);
            assert_eq!(body[asked], true);
            assert_eq!(body[other], Value::Null);
            assert_eq!(body["payer"]["payerReference"], "payer-1");
        }
    }

    #[test]
    fn an_amount_of_zero_with_an_agreement_is_a_verify_without_amounts() {
        let mut order = order(Flow::Seamless);
        order.agreement = Some(terms(order.amount));
        order.amount = Money::zero(Currency::NOK);
        order.vat = order.amount;
        assert!(check(&order).is_ok());
        let body = body(&settings("unscheduled"), &order);
        assert_eq!(body["operation"], "Verify");
        assert_eq!(body.get("amount").or(body.get("vatAmount")), None);
    }

    #[test]
    fn what_payex_cannot_do_is_refused_before_anything_is_sent() {
        let mut zero = order(Flow::Seamless);
        zero.amount = Money::zero(Currency::NOK);
        zero.vat = zero.amount;
        let mut negative = order(Flow::Seamless);
        negative.amount = Money::new(-1, Currency::NOK);
        let mut foreign = order(Flow::Seamless);
        foreign.method = PaymentMethod::Nexi;
        for order in [zero, negative, foreign] {
            assert!(!check(&order).unwrap_err().may_have_happened());
        }
    }

    #[test]
    fn terms_are_sent_only_over_https_and_a_missing_origin_comes_from_the_page() {
        let mut order = order(Flow::Seamless);
        order.urls.host_origins.clear();
        order.urls.terms = Some("http://shop.example/terms".parse().unwrap());
        let plain = body(&settings("unscheduled"), &order);
        assert_eq!(plain["urls"]["termsOfServiceUrl"], Value::Null);
        assert_eq!(plain["urls"]["hostUrls"], json!(["https://shop.example"]));
        order.urls.terms = Some("https://shop.example/terms".parse().unwrap());
        let encrypted = body(&settings("unscheduled"), &order);
        assert_eq!(
            encrypted["urls"]["termsOfServiceUrl"],
            "https://shop.example/terms"
        );
    }

    #[test]
    fn amounts_travel_in_minor_units_whatever_the_currencys_decimals() {
        for code in ["JPY", "NOK", "BHD"] {
            let mut order = order(Flow::Seamless);
            order.amount = Money::new(1_234, code.parse().unwrap());
            order.vat = Money::zero(order.amount.currency());
            let body = body(&settings("unscheduled"), &order);
            assert_eq!(
                (&body["amount"], &body["currency"]),
                (&json!(1_234), &json!(code))
            );
        }
    }
}
