//! What an order costs: the total, its currency, its VAT and its coupon. The total is what was
//! said, and equals the sum of the lines where all of them have a price.

use mcpay_port::{Currency, Money, MoneyError};

use super::Named;
use super::lines::{Line, read_lines};
use super::reader::{Field, Reader};
use crate::catalogue::vat::included_vat;
use crate::catalogue::{Coupon, CouponRef};
use crate::clients::ClientProfile;

const LONGEST: usize = 255;

pub(super) struct Price {
    pub(super) amount: Money,
    pub(super) vat: Money,
    pub(super) coupon: Option<CouponRef>,
}

/// `None` where something was wrong and has been recorded.
pub(super) fn read_price(
    reader: &mut Reader<'_>,
    profile: &ClientProfile,
    named: Named<'_>,
    is_paid_here: bool,
    recurring: bool,
) -> Option<Price> {
    let coupon = read_coupon(reader, profile, named);
    let lines = read_lines(reader);
    let coupon = coupon.or_else(|| coupon_of(&lines));
    check_coupon_of_payment(reader, coupon.as_ref(), named);
    let known = coupon.as_ref().and_then(|named| profile.coupons.get(named));
    if is_paid_here && recurring && known.is_none() {
        let message = "is required for a recurring order: an open coupon of this client.";
        reader.refuse("marketingCouponCode", "required", message);
    }
    let currency = read_currency(reader, profile, named, known)?;
    if is_paid_here && recurring && known.is_some_and(|known| known.price.currency() != currency) {
        let message = "must be the coupon's for a recurring order.";
        reader.refuse("currency", "mismatch", message);
    }
    let amount = read_amount(reader, &lines, currency, named)?;
    if is_paid_here && !recurring && amount.is_zero() {
        let message = "must be more than 0; an order that costs nothing is free.";
        reader.refuse("orderAmount", "out_of_range", message);
    }
    let vat = match named {
        Named::Payment(payment) if payment.vat.currency() == currency => payment.vat,
        _ => vat_of(&lines, amount, known, profile),
    };
    Some(Price {
        amount,
        vat,
        coupon,
    })
}

/// `marketingCouponCode` and `marketingCouponNumber`: both or neither. What a payment was made for
/// may be closed by now, so it is looked up only where nothing is paid yet.
fn read_coupon(
    reader: &mut Reader<'_>,
    profile: &ClientProfile,
    named: Named<'_>,
) -> Option<CouponRef> {
    const CODE: &str = "marketingCouponCode";
    const NUMBER: &str = "marketingCouponNumber";
    let code = reader.text(CODE, LONGEST);
    let number = reader.integer(NUMBER, 0..=i64::MAX);
    match (code, number) {
        (Field::Given(code), Field::Given(number)) => {
            let coupon = CouponRef { code, number };
            if named.payment().is_none() && !profile.coupons.contains_key(&coupon) {
                let message = "must name, with marketingCouponNumber, an open coupon.";
                reader.refuse(CODE, "unknown", message);
            }
            Some(coupon)
        }
        (Field::Given(_), Field::Absent) => {
            reader.refuse(NUMBER, "required", "is required with marketingCouponCode.");
            None
        }
        (Field::Absent, Field::Given(_)) => {
            reader.refuse(CODE, "required", "is required with marketingCouponNumber.");
            None
        }
        _ => None,
    }
}

/// The lines name it where they all name the same one.
fn coupon_of(lines: &[Line]) -> Option<CouponRef> {
    let mut coupons = lines.iter().filter_map(|line| line.coupon.as_ref());
    let first = coupons.next()?;
    coupons.all(|other| other == first).then(|| first.clone())
}

fn check_coupon_of_payment(reader: &mut Reader<'_>, coupon: Option<&CouponRef>, named: Named<'_>) {
    let paid_for = named.payment().and_then(|payment| payment.coupon.as_ref());
    if let (Some(coupon), Some(paid_for)) = (coupon, paid_for)
        && coupon != paid_for
    {
        let message = "must be the coupon that the payment was made for.";
        reader.refuse("marketingCouponCode", "mismatch", message);
    }
}

/// What the body says, else the payment's, else the coupon's, else the client's.
fn read_currency(
    reader: &mut Reader<'_>,
    profile: &ClientProfile,
    named: Named<'_>,
    coupon: Option<&Coupon>,
) -> Option<Currency> {
    let paid = named.payment().map(|payment| payment.amount.currency());
    match reader.text("currency", LONGEST) {
        Field::Broken => None,
        Field::Absent => Some(
            paid.or_else(|| coupon.map(|coupon| coupon.price.currency()))
                .unwrap_or(profile.client.default_currency),
        ),
        Field::Given(code) => {
            let Some(currency) = Currency::from_code(&code) else {
                let message = "must be an ISO 4217 code in capital letters such as NOK.";
                reader.refuse("currency", "invalid", message);
                return None;
            };
            if paid.is_some_and(|paid| paid != currency) {
                reader.refuse("currency", "mismatch", "must be the payment's.");
                return None;
            }
            Some(currency)
        }
    }
}

fn read_amount(
    reader: &mut Reader<'_>,
    lines: &[Line],
    currency: Currency,
    named: Named<'_>,
) -> Option<Money> {
    const FIELD: &str = "orderAmount";
    let sum = sum_of(reader, lines, currency)?;
    let amount = match reader.decimal(FIELD) {
        Field::Broken => return None,
        Field::Given(major) => match Money::from_major(major, currency) {
            Ok(amount) => Some(amount),
            Err(problem) => {
                let (code, message) = told(problem);
                reader.refuse(FIELD, code, message);
                return None;
            }
        },
        Field::Absent => None,
    };
    let paid = named.payment().map(|payment| payment.amount);
    let Some(total) = amount.or(sum).or(paid) else {
        let message = "is required where a line has no unitPrice.";
        reader.refuse(FIELD, "required", message);
        return None;
    };
    if sum.is_some_and(|sum| sum != total) {
        let message = "must be the sum of quantity times unitPrice over all orderLines.";
        reader.refuse(FIELD, "mismatch", message);
        return None;
    }
    if paid.is_some_and(|paid| paid != total) {
        reader.refuse(FIELD, "mismatch", "must be the payment's amount.");
        return None;
    }
    Some(total)
}

/// The sum of the lines where there are any and all have a price. The outer `None` where a price
/// is wrong and has been told.
#[expect(
    clippy::option_option,
    reason = "wrong and not priced are different things"
)]
fn sum_of(reader: &mut Reader<'_>, lines: &[Line], currency: Currency) -> Option<Option<Money>> {
    let mut sum = Money::zero(currency);
    let (mut is_broken, mut all_priced) = (false, !lines.is_empty());
    for (at, line) in lines.iter().enumerate() {
        let Some(total) = line.total(currency) else {
            all_priced = false;
            continue;
        };
        match total.and_then(|total| sum.checked_add(total)) {
            Ok(more) => sum = more,
            Err(problem) => {
                let (code, message) = told(problem);
                reader.refuse(&format!("orderLines[{at}].unitPrice"), code, message);
                is_broken = true;
            }
        }
    }
    (!is_broken).then_some(all_priced.then_some(sum))
}

const fn told(problem: MoneyError) -> (&'static str, &'static str) {
    match problem {
        MoneyError::TooManyDecimals => {
            ("too_many_decimals", "has more decimals than the currency.")
        }
        _ => ("out_of_range", "is too large."),
    }
}

/// By the coupon of the order, else line by line, else none.
fn vat_of(
    lines: &[Line],
    amount: Money,
    coupon: Option<&Coupon>,
    profile: &ClientProfile,
) -> Money {
    let none = Money::zero(amount.currency());
    if let Some(coupon) = coupon {
        return included_vat(amount, coupon.vat_percent).unwrap_or(none);
    }
    let of_line = |line: &Line| {
        let coupon = profile.coupons.get(line.coupon.as_ref()?)?;
        let total = line.total(amount.currency())?.ok()?;
        included_vat(total, coupon.vat_percent).ok()
    };
    let sum = lines
        .iter()
        .filter_map(of_line)
        .try_fold(none, Money::checked_add);
    sum.ok()
        .filter(|vat| vat.minor() <= amount.minor())
        .unwrap_or(none)
}
