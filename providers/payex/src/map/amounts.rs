//! How much of a payment order is authorised, captured, released and refunded.
//!
//! PayEx gives the authorisation in `paid`, the rest as a list of transactions, and what remains as
//! amounts that are absent when zero. The pieces can contradict each other (a list that lags behind,
//! a part that was not expanded); then no number is better than a wrong one.

use crate::wire::answer::{FinancialTransaction, Order, Paid};

/// Minor units. Never negative; captured and cancelled fit in authorised, refunded in captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    pub authorized: i64,
    pub captured: i64,
    pub cancelled: i64,
    pub refunded: i64,
}

/// The amounts of an order that was authorised.
///
/// # Errors
/// A phrase saying which numbers do not agree.
pub fn amounts(order: &Order) -> Result<Amounts, &'static str> {
    let authorized = find_authorized(order).ok_or("the authorised amount is missing")?;
    let list = order.transactions().unwrap_or_default();
    let listed = sum(list, "Capture")?
        .checked_add(sum(list, "Sale")?)
        .ok_or("the captures overflow")?;
    // A sale is taken at once, and may be missing in the list.
    let captured = if is_sale(order) { authorized } else { listed };
    let refunded = sum(list, "Reversal")?;
    let remaining = order.remaining_capture_amount.unwrap_or_default();
    let cancelled = authorized
        .checked_sub(captured)
        .and_then(|rest| rest.checked_sub(remaining))
        .ok_or("the amounts overflow")?;
    let amounts = Amounts {
        authorized,
        captured,
        cancelled,
        refunded,
    };
    check(order, amounts, remaining)?;
    Ok(amounts)
}

fn check(order: &Order, amounts: Amounts, remaining: i64) -> Result<(), &'static str> {
    let Amounts {
        authorized,
        captured,
        cancelled,
        refunded,
    } = amounts;
    if [authorized, captured, remaining, cancelled, refunded]
        .iter()
        .any(|minor| *minor < 0)
    {
        return Err("more is captured or left than was authorised");
    }
    let kept = captured.checked_sub(refunded).filter(|kept| *kept >= 0);
    let kept = kept.ok_or("more is refunded than was captured")?;
    if order
        .remaining_reversal_amount
        .is_some_and(|left| left != kept)
    {
        return Err("the refundable rest does not follow from captures and refunds");
    }
    match order.status.as_str() {
        // Releasing all of it makes an order Cancelled, so this list is behind, or was not sent.
        "Paid" if captured == 0 && cancelled > 0 => Err("a part is gone that was never captured"),
        "Cancelled" if captured > 0 => Err("it is cancelled and yet captured"),
        "Cancelled" if remaining > 0 => Err("it is cancelled and yet capturable"),
        "Reversed" if captured == 0 || kept > 0 => Err("it is reversed and yet not refunded"),
        _ => Ok(()),
    }
}

fn find_authorized(order: &Order) -> Option<i64> {
    let of = |paid: &Option<Paid>| paid.as_ref().and_then(|paid| paid.amount);
    let stated = of(&order.paid);
    if order.status == "Cancelled" {
        // Whether `paid` stays filled after a full release is not documented; nothing was captured,
        // so the whole order was what was authorised.
        return stated.or_else(|| of(&order.cancelled)).or(order.amount);
    }
    stated
}

fn is_sale(order: &Order) -> bool {
    order
        .paid
        .as_ref()
        .and_then(|paid| paid.transaction_type.as_deref())
        .is_some_and(|kind| kind.eq_ignore_ascii_case("Sale"))
}

fn sum(list: &[FinancialTransaction], kind: &str) -> Result<i64, &'static str> {
    let mut total: i64 = 0;
    for transaction in list {
        let is_kind = |stated: &str| stated.eq_ignore_ascii_case(kind);
        if transaction.kind.as_deref().is_some_and(is_kind) {
            let amount = transaction.amount.ok_or("a transaction has no amount")?;
            if amount < 0 {
                return Err("a transaction is negative");
            }
            total = total
                .checked_add(amount)
                .ok_or("the transactions overflow")?;
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn order(value: Value) -> Order {
        serde_json::from_value(value).unwrap()
    }

    fn any_amount() -> impl Strategy<Value = Option<i64>> {
        prop_oneof![
            Just(None),
            (0_i64..400).prop_map(Some),
            any::<i64>().prop_map(Some),
            Just(Some(i64::MAX)),
            Just(Some(i64::MIN)),
        ]
    }

    fn any_list() -> impl Strategy<Value = Value> {
        let kind = prop::sample::select(vec!["Capture", "Reversal", "Sale", "Cancellation", "?"]);
        prop::collection::vec((kind, any_amount()), 0..4).prop_map(|entries| {
            entries
                .into_iter()
                .map(|(kind, amount)| json!({ "type": kind, "amount": amount }))
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn whatever_payex_says_the_amounts_add_up_or_are_not_believed(
            status in prop::sample::select(vec!["Paid", "Cancelled", "Reversed"]),
            kind in prop::sample::select(vec!["Authorization", "Sale"]),
            total in any_amount(),
            authorized in any_amount(),
            capturable in any_amount(),
            refundable in any_amount(),
            list in any_list(),
        ) {
            let order = order(json!({
                "id": "x", "status": status, "amount": total,
                "remainingCaptureAmount": capturable,
                "remainingReversalAmount": refundable,
                "paid": { "amount": authorized, "transactionType": kind },
                "financialTransactions": { "financialTransactionsList": list },
            }));
            if let Ok(found) = amounts(&order) {
                prop_assert!(found.captured >= 0 && found.cancelled >= 0 && found.refunded >= 0);
                let used = i128::from(found.captured) + i128::from(found.cancelled);
                prop_assert!(used <= i128::from(found.authorized));
                prop_assert!(found.refunded <= found.captured);
            }
        }

        #[test]
        fn every_order_of_captures_releases_and_refunds_is_told_exactly(
            captures in prop::collection::vec(1_i64..1_000, 0..4),
            left in 1_i64..1_000,
            release in any::<bool>(),
            refund_percent in 0_i64..=100,
        ) {
            let captured: i64 = captures.iter().sum();
            let authorized = captured + left;
            let refunded = captured * refund_percent / 100;
            let mut list: Vec<Value> = captures
                .iter()
                .map(|amount| json!({ "type": "Capture", "amount": amount }))
                .collect();
            if refunded > 0 {
                list.push(json!({ "type": "Reversal", "amount": refunded }));
            }
            let status = match (release, captured) {
                (true, 0) => "Cancelled",
                (true, _) if refunded == captured => "Reversed",
                _ => "Paid",
            };
            let mut body = json!({
                "id": "x", "status": status, "paid": { "amount": authorized },
                "financialTransactions": { "financialTransactionsList": list },
            });
            if !release {
                body["remainingCaptureAmount"] = json!(left);
            }
            if captured > refunded {
                body["remainingReversalAmount"] = json!(captured - refunded);
            }
            let expected = Amounts {
                authorized,
                captured,
                cancelled: if release { left } else { 0 },
                refunded,
            };
            prop_assert_eq!(amounts(&order(body)), Ok(expected));
        }
    }
}
