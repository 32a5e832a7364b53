//! What is ordered, and the arithmetic that the provider insists on.

use std::str::FromStr;

use mcpay_port::Currency;
use rust_decimal::Decimal;
use serde_json::Value;

use super::fields::{NAME, PLAIN, Part};
use super::problem::Wrong;

/// How far VAT, and a product of a price and a quantity with decimals, may be from the exact
/// value. Whether the real provider tolerates a rounded line is not documented; the sums are exact.
const ROUNDING: Decimal = Decimal::ONE;

#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) reference: Option<String>,
    pub(crate) items: Vec<Value>,
}

/// Reads `order`. An amount of zero registers a card and is for agreements only.
pub(crate) fn read(body: &Part<'_>, wrong: &mut Wrong, may_be_zero: bool) -> Option<Order> {
    let order = body.get(wrong, "order")?;
    let amount = order.get_integer(wrong, "amount");
    let currency = order.get_text(wrong, "currency", PLAIN);
    if currency.is_some_and(|code| Currency::from_code(code).is_none()) {
        wrong.add(
            order.path_of("currency"),
            "It is not a currency's ISO code.",
        );
    }
    let reference = order.text(wrong, "reference", PLAIN).map(str::to_owned);
    let list = order.get(wrong, "items")?;
    let (items, sum) = items(&list, wrong)?;
    let amount = amount?;
    if amount != sum {
        let text = "The amount differs from the sum of the order items (1005).";
        wrong.add(order.path_of("amount"), text);
    }
    if amount < 0 || (amount == 0 && !may_be_zero) {
        wrong.add(order.path_of("amount"), "The amount must be above zero.");
    }
    Some(Order {
        amount,
        currency: currency?.to_owned(),
        reference,
        items,
    })
}

/// The lines and the sum of their `grossTotalAmount`.
pub(crate) fn items(list: &Part<'_>, wrong: &mut Wrong) -> Option<(Vec<Value>, i64)> {
    let entries = list.entries(wrong);
    if entries.is_empty() {
        wrong.add(&list.path, "At least one order item is required (1015).");
    }
    let mut sum = 0_i64;
    for entry in &entries {
        sum = sum.saturating_add(item(entry, wrong)?);
    }
    Some((
        entries.iter().map(|entry| entry.value.clone()).collect(),
        sum,
    ))
}

fn item(item: &Part<'_>, wrong: &mut Wrong) -> Option<i64> {
    for name in ["reference", "name"] {
        item.get_text(wrong, name, NAME);
    }
    item.get_text(wrong, "unit", PLAIN);
    let quantity = item.get(wrong, "quantity");
    let quantity = quantity.and_then(|part| decimal(part.value));
    if quantity.is_none_or(|quantity| quantity.is_sign_negative()) {
        wrong.add(
            item.path_of("quantity"),
            "It must be a number and not negative.",
        );
    }
    let price = item.get_integer(wrong, "unitPrice");
    let net = item.get_integer(wrong, "netTotalAmount");
    let gross = item.get_integer(wrong, "grossTotalAmount");
    let rate = item.integer(wrong, "taxRate").unwrap_or_default();
    let tax = item.integer(wrong, "taxAmount").unwrap_or_default();
    let (price, net, gross, quantity) = (price?, net?, gross?, quantity?);
    if !(0..=99_999).contains(&rate) {
        wrong.add(item.path_of("taxRate"), "It must be from 0 to 99999.");
    }
    if !is_about(
        Decimal::from(price).checked_mul(quantity),
        net,
        quantity.is_integer(),
    ) {
        let text = "It must be unitPrice times quantity.";
        wrong.add(item.path_of("netTotalAmount"), text);
    }
    let exact = Decimal::from(net).checked_mul(Decimal::new(rate, 4));
    if !is_about(exact, tax, false) {
        let text = "It must be netTotalAmount times taxRate.";
        wrong.add(item.path_of("taxAmount"), text);
    }
    if net.checked_add(tax) != Some(gross) {
        let text = "It must be netTotalAmount plus taxAmount.";
        wrong.add(item.path_of("grossTotalAmount"), text);
    }
    Some(gross)
}

fn decimal(value: &Value) -> Option<Decimal> {
    Decimal::from_str(&value.as_number()?.to_string()).ok()
}

fn is_about(exact: Option<Decimal>, told: i64, exactly: bool) -> bool {
    let drift = exact.and_then(|exact| exact.checked_sub(Decimal::from(told)));
    drift.is_some_and(|drift| drift.is_zero() || !exactly && drift.abs() < ROUNDING)
}
