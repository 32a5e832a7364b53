//! A charge on an agreement -> Nexi's body, and its answer -> ours. It reserves and charges.

use mcpay_port::{ChargeOrder, Failure, FailureKind, Operation, ProviderError, ProviderRef};

use crate::config::Settings;
use crate::link;
use crate::map::item::Amount;
use crate::map::notifications::notifications;
use crate::map::text;
use crate::problem::unsupported;
use crate::wire::answer::AgreementCharged;
use crate::wire::request::{ChargeAgreement, Order};

/// The notifications of the first payment do not carry over, so they are named again.
///
/// # Errors
/// `DidNotHappen`, when Nexi could not take the charge.
pub fn charge<'a>(
    settings: &Settings,
    order: &'a ChargeOrder,
) -> Result<ChargeAgreement<'a>, ProviderError> {
    let amount = Amount::of(order.amount, order.vat)?;
    if !amount.is_positive() {
        return Err(unsupported("a charge needs an amount"));
    }
    let reference = order.reference.to_string();
    Ok(ChargeAgreement {
        order: Order {
            items: [amount.item(reference.clone(), text::name(&order.description))],
            amount: amount.gross(),
            currency: order.amount.currency().code(),
            reference: reference.clone(),
        },
        notifications: notifications(settings, &order.callback, &order.callback_key),
        my_reference: reference,
    })
}

/// The idempotency key of an operation: its id, 36 characters.
pub fn key(operation: Operation) -> String {
    operation.id.to_string()
}

/// # Errors
/// A [`Failure`] when the answer does not name a payment, so that only an inquiry could tell.
pub fn find_payment(answer: &AgreementCharged) -> Result<ProviderRef, Failure> {
    answer
        .payment_id
        .as_deref()
        .and_then(link::find_payment_ref)
        .ok_or_else(|| Failure::new(FailureKind::BadAnswer).titled("the payment's id is malformed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::{CALLBACK_KEY, PAYMENT_ID, REFERENCE, reference, settings};
    use mcpay_port::{Currency, Money};
    use serde_json::json;

    fn order(minor: i64, vat: i64) -> ChargeOrder {
        ChargeOrder {
            reference: reference(),
            amount: Money::new(minor, Currency::NOK),
            vat: Money::new(vat, Currency::NOK),
            description: "Renewal & more".to_owned(),
            language: "nb-NO".to_owned(),
            due: None,
            callback: "https://mcpay.example/callbacks/nexi/1".parse().unwrap(),
            callback_key: CALLBACK_KEY.into(),
        }
    }

    #[test]
    fn a_charge_repeats_the_order_and_the_notifications() {
        let order = order(9_900, 1_980);
        let body = charge(&settings("unscheduled"), &order).map(|body| json!(body));
        let body = body.unwrap();
        assert_eq!(body["order"]["amount"], 9_900);
        assert_eq!(body["order"]["items"][0]["name"], "Renewal + more");
        assert_eq!(body["order"]["reference"], REFERENCE);
        assert_eq!(body["myReference"], REFERENCE);
        let hooks = body["notifications"]["webHooks"].as_array().unwrap();
        assert!(
            hooks
                .iter()
                .all(|hook| hook["authorization"] == CALLBACK_KEY)
        );
    }

    #[test]
    fn a_charge_of_nothing_or_too_much_is_refused_before_anything_is_sent() {
        for (minor, vat) in [(0, 0), (-1, 0), (100, 101), (i64::MAX, 0)] {
            let order = order(minor, vat);
            let error = charge(&settings("unscheduled"), &order).err().unwrap();
            assert!(!error.may_have_happened());
        }
    }

    #[test]
    fn the_answer_names_the_new_payment_or_is_a_bad_one() {
        let read = |answer| find_payment(&serde_json::from_value(answer).unwrap());
        let answer = json!({ "paymentId": PAYMENT_ID, "chargeId": "1" });
        assert_eq!(read(answer), Ok(ProviderRef(PAYMENT_ID.to_owned())));
        for answer in [json!({}), json!({ "paymentId": "a/b" })] {
            assert_eq!(read(answer).unwrap_err().kind, FailureKind::BadAnswer);
        }
    }
}
