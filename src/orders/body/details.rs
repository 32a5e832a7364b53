//! What a backend may ask again of a registered body: read leniently, since it
//! was checked when it was registered.

use mcpay_port::{Currency, Money};
use rust_decimal::Decimal;

use super::people;
use super::reader::Object;
use crate::signing::read_decimal;

/// The part of a body that an order's status shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub customer_number: Option<String>,
    pub lines: Vec<LineDetails>,
}

/// One line, as the status shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDetails {
    /// `productSpecCode`, else `product`.
    pub product_id: Option<String>,
    /// `product`.
    pub description: Option<String>,
    /// Quantity times price, where there is a price.
    pub amount: Option<Money>,
}

/// Reads what is there; nothing of a body that cannot be read.
pub fn read_details(body: &[u8], currency: Currency) -> Details {
    let Some(body) = Object::read(body) else {
        return Details::default();
    };
    let lines = body.find_list("orderLines").unwrap_or_default();
    Details {
        customer_number: body
            .find_object("payer")
            .and_then(|payer| people::customer_number(&payer)),
        lines: lines
            .iter()
            .filter_map(|raw| serde_json::from_str(raw.get()).ok())
            .map(|line: Object| line_details(&line, currency))
            .collect(),
    }
}

fn line_details(line: &Object, currency: Currency) -> LineDetails {
    let number = |name| read_decimal(line.get(name)?).ok();
    let product = line.find_text("product");
    let quantity = number("quantity").unwrap_or(Decimal::ONE);
    let amount = number("unitPrice")
        .and_then(|price| price.checked_mul(quantity))
        .and_then(|total| Money::from_major(total, currency).ok());
    LineDetails {
        product_id: line
            .find_text("productSpecCode")
            .or_else(|| product.clone()),
        description: product,
        amount,
    }
}
