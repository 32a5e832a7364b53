//! What is left to release of a payment -> the body of Nexi's cancel.
//!
//! A cancel takes no idempotency key, so the sums of the payment decide whether it was done.

use mcpay_port::{Currency, Money, ProviderError};

use crate::map::item::Amount;
use crate::problem::refused;
use crate::wire::answer::Payment;
use crate::wire::request::Part;

/// The cancel to send, or nothing when everything is released already. `reference` names the
/// operation.
///
/// # Errors
/// `DidNotHappen(Refused)` when nothing is reserved.
pub fn release(
    payment: &Payment,
    currency: Currency,
    reference: String,
) -> Result<Option<Part>, ProviderError> {
    let amounts = payment.summary();
    let rest = amounts
        .reserved()
        .saturating_sub(amounts.charged())
        .saturating_sub(amounts.cancelled());
    if rest <= 0 {
        return if amounts.cancelled() > 0 {
            Ok(None)
        } else {
            Err(refused(
                "nothing_reserved",
                "nothing of the payment is left to release",
            ))
        };
    }
    let amount = Amount::without_vat(Money::new(rest, currency))?;
    let ordered = payment
        .order_details
        .as_ref()
        .and_then(|order| order.amount);
    // Everything that was ordered is released without a line, a part of it with one.
    let is_part = ordered != Some(rest);
    Ok(Some(Part {
        amount: amount.gross(),
        order_items: is_part.then(|| [amount.item(reference, "Release".to_owned())]),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn body(summary: &Value) -> Result<Option<Value>, ProviderError> {
        let payment = json!({ "summary": summary, "orderDetails": { "amount": 34_900 } });
        let payment: Payment = serde_json::from_value(payment).unwrap();
        let part = release(&payment, Currency::NOK, "operation".to_owned())?;
        Ok(part.map(|part| json!(part)))
    }

    #[test]
    fn everything_is_released_without_a_line() {
        let part = body(&json!({ "reservedAmount": 34_900 })).unwrap();
        assert_eq!(part, Some(json!({ "amount": 34_900 })));
    }

    #[test]
    fn the_rest_after_a_charge_is_released_with_one() {
        let part = body(&json!({ "reservedAmount": 34_900, "chargedAmount": 10_000 }));
        let part = part.unwrap().unwrap();
        assert_eq!(part["amount"], 24_900);
        assert_eq!(part["orderItems"][0]["grossTotalAmount"], 24_900);
        assert_eq!(part["orderItems"][0]["reference"], "operation");
    }

    #[test]
    fn what_is_released_is_not_released_again() {
        for summary in [
            json!({ "reservedAmount": 34_900, "cancelledAmount": 34_900 }),
            json!({ "reservedAmount": 34_900, "chargedAmount": 100, "cancelledAmount": 34_800 }),
        ] {
            assert_eq!(body(&summary), Ok(None));
        }
    }

    #[test]
    fn where_nothing_is_reserved_nothing_can_be_released() {
        for summary in [
            json!({}),
            json!({ "chargedAmount": 34_900 }),
            json!({ "reservedAmount": 34_900, "chargedAmount": 34_900 }),
            json!({ "reservedAmount": i64::MIN, "chargedAmount": i64::MAX }),
        ] {
            let error = body(&summary).unwrap_err();
            assert_eq!(error.failure().code.as_deref(), Some("nothing_reserved"));
        }
    }
}
