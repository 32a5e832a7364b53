//! The lines of an order: what is bought, how many, at what price.

use mcpay_port::{Currency, Money, MoneyError};
use rust_decimal::Decimal;

use super::people;
use super::reader::{Field, Object, Reader};
use crate::catalogue::CouponRef;

const MOST_LINES: usize = 500;
const MOST_PIECES: i64 = 1_000_000;
const LONGEST: usize = 255;

/// One line, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) quantity: i64,
    pub(super) unit_price: Option<Decimal>,
    /// `productSpecCode` and `productSpecNo` of a line that sells a subscription.
    pub(super) coupon: Option<CouponRef>,
}

/// Reads all lines; none when the list is absent or broken.
pub(super) fn read_lines(reader: &mut Reader<'_>) -> Vec<Line> {
    let list = match reader.list("orderLines") {
        Field::Given(list) if list.len() > MOST_LINES => {
            let message = format!("must have at most {MOST_LINES} lines.");
            reader.refuse("orderLines", "too_long", &message);
            return Vec::new();
        }
        Field::Given(list) => list,
        Field::Absent | Field::Broken => return Vec::new(),
    };
    let mut lines = Vec::new();
    for (at, raw) in list.iter().enumerate() {
        let path = format!("orderLines[{at}]");
        match serde_json::from_str::<Object>(raw.get()) {
            Ok(line) => lines.push(read_line(&mut reader.within(&line, &path))),
            Err(_) => reader.refuse(&path, "invalid", "must be a JSON object."),
        }
    }
    lines
}

fn read_line(reader: &mut Reader<'_>) -> Line {
    let quantity = reader.integer("quantity", 1..=MOST_PIECES).given();
    let unit_price = reader.decimal("unitPrice").given();
    let kind = reader.text("productSpecType", LONGEST).given();
    let code = reader.text("productSpecCode", LONGEST).given();
    let number = reader.integer("productSpecNo", 0..=i64::MAX).given();
    reader.check_texts(&["product", "voucherCode", "allowAccessProduct"], LONGEST);
    reader.integer("allowAccessSeconds", 0..=i64::MAX);
    reader.object("startInfo");
    people::check_other(reader, "receiver");
    people::check_other(reader, "recruiter");
    let is_coupon = kind.is_none_or(|kind| kind == "coupon");
    Line {
        quantity: quantity.unwrap_or(1),
        unit_price,
        coupon: code
            .zip(number)
            .filter(|_| is_coupon)
            .map(|(code, number)| CouponRef { code, number }),
    }
}

impl Line {
    /// Quantity times price; `None` where the line has no price.
    pub(super) fn total(&self, currency: Currency) -> Option<Result<Money, MoneyError>> {
        let price = self.unit_price?;
        let total = Decimal::from(self.quantity)
            .checked_mul(price)
            .ok_or(MoneyError::OutOfRange);
        Some(total.and_then(|total| {
            // The price itself must be payable, not only a multiple of it.
            Money::from_major(price, currency)?;
            Money::from_major(total, currency)
        }))
    }
}
