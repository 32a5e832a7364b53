//! A charge on an agreement -> PayEx's body, and its answer -> ours. It only authorises.

use mcpay_port::{AgreementRef, ChargeOrder, Charged, Failure, FailureKind};

use crate::client::AGENT;
use crate::config::{AgreementKind, Settings};
use crate::link;
use crate::map::language::language;
use crate::map::text::description;
use crate::problem::TOKEN_INACTIVE;
use crate::wire::answer::{Order, Problem};
use crate::wire::request::{Create, Exposed, PayeeInfo, Payer, Urls};

/// No page is named: the payer is not there.
pub fn charge<'a>(
    settings: &'a Settings,
    agreement: &'a AgreementRef,
    order: &'a ChargeOrder,
    reference: &'a str,
) -> Create<'a> {
    let token = |kind| (settings.agreement == kind).then_some(Exposed(&agreement.token));
    Create {
        operation: match settings.agreement {
            AgreementKind::Unscheduled => "UnscheduledPurchase",
            AgreementKind::Recurrence => "Recur",
        },
        currency: order.amount.currency().code(),
        amount: Some(order.amount.minor()),
        vat_amount: Some(order.vat.minor()),
        description: description(&order.description),
        user_agent: AGENT,
        language: language(&order.language),
        restricted_to_instruments: &[],
        generate_unscheduled_token: None,
        generate_recurrence_token: None,
        unscheduled_token: token(AgreementKind::Unscheduled),
        recurrence_token: token(AgreementKind::Recurrence),
        urls: Urls {
            host_urls: Vec::new(),
            complete_url: None,
            cancel_url: None,
            payment_url: None,
            callback_url: order.callback.as_str(),
            terms_of_service_url: None,
        },
        payee_info: PayeeInfo {
            payee_id: &settings.payee_id,
            payee_reference: reference,
            order_reference: order.reference.to_string(),
        },
        payer: Payer {
            payer_reference: Some(&agreement.payer_reference),
            msisdn: None,
        },
    }
}

/// # Errors
/// A [`Failure`] when the answer does not name an order, so that only an inquiry could tell.
pub fn charged(order: &Order) -> Result<Charged, Failure> {
    if order.status == "Failed" {
        let code = order
            .failed
            .as_ref()
            .and_then(|failed| failed.problem.as_ref())
            .and_then(Problem::find_code)
            .unwrap_or_else(|| "failed".to_owned());
        return Ok(declined(code));
    }
    link::find_order_ref(&order.id)
        .map(Charged::Started)
        .ok_or_else(|| Failure::new(FailureKind::BadAnswer).titled("the order's id is malformed"))
}

/// Only a token that PayEx knows to be deleted ends the agreement. One that it does not know may be
/// another account's, and a card that is refused today may be good tomorrow.
pub fn declined(code: String) -> Charged {
    Charged::Declined {
        agreement_is_over: code == TOKEN_INACTIVE,
        code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::settings;
    use mcpay_port::{Currency, Money, PaymentRef};
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn body(kind: &str) -> Value {
        let agreement = AgreementRef {
            token: "7e6cdfc3-token".into(),
            payer_reference: "payer-1".to_owned(),
        };
        let order = ChargeOrder {
            reference: PaymentRef(Uuid::nil()),
            amount: Money::new(9_900, Currency::NOK),
            vat: Money::new(1_980, Currency::NOK),
            description: "Renewal".to_owned(),
            language: "nb-NO".to_owned(),
            due: None,
            callback: "https://mcpay.example/callback".parse().unwrap(),
            callback_key: "k".into(),
        };
        serde_json::to_value(charge(&settings(kind), &agreement, &order, "REF")).unwrap()
    }

    #[test]
    fn an_unscheduled_charge_carries_its_token_and_no_page() {
        let body = body("unscheduled");
        assert_eq!(body["operation"], "UnscheduledPurchase");
        assert_eq!(body["unscheduledToken"], "7e6cdfc3-token");
        assert_eq!(body.get("recurrenceToken"), None);
        assert_eq!(
            body["urls"],
            json!({ "callbackUrl": "https://mcpay.example/callback" })
        );
        assert_eq!(body["payer"], json!({ "payerReference": "payer-1" }));
        assert_eq!(
            (&body["amount"], &body["vatAmount"]),
            (&json!(9_900), &json!(1_980))
        );
    }

    #[test]
    fn a_recurrence_charge_is_a_recur() {
        let body = body("recurrence");
        assert_eq!(body["operation"], "Recur");
        assert_eq!(body["recurrenceToken"], "7e6cdfc3-token");
        assert_eq!(body.get("unscheduledToken"), None);
    }
}
