//! `[[client.coupon]]`.

use mcpay_port::{Currency, Money, MoneyError, Period, PeriodUnit};
use rust_decimal::Decimal;

use super::section::Section;
use super::validity::read_validity;
use crate::catalogue::Coupon;

/// `default` is the client's currency; `None` when that was wrong, and then nothing more is said.
pub(super) fn read_coupon(mut section: Section<'_>, default: Option<Currency>) -> Option<Coupon> {
    let code = section.required_text("code", 100);
    let number = section.required_integer("number");
    let product = section.required_text("product", 100);
    let description = section.required_text("description", 500);
    let named = section.has("currency");
    let message = "must be an ISO 4217 code in capital letters, such as NOK";
    let stated = section.parsed("currency", message, Currency::from_code);
    let currency = if named { stated } else { default };
    let price = read_price(&mut section, currency);
    let start_price = read_start_price(&mut section, currency);
    let vat_percent = section.required(
        "vat_percent",
        "must be a decimal in quotation marks, such as \"25\", from 0 to 100",
        |text| {
            let percent = read_plain_decimal(text)?;
            (percent <= Decimal::ONE_HUNDRED && percent.scale() <= 4).then_some(percent)
        },
    );
    let period = read_period(&mut section);
    let validity = read_validity(&mut section);
    section.finish();
    let (valid_from, valid_until) = validity?;
    Some(Coupon {
        code: code?,
        number: number?,
        product: product?,
        description: description?,
        price: price?,
        start_price: start_price.ok()?,
        vat_percent: vat_percent?,
        period: period.ok()?,
        valid_from,
        valid_until,
    })
}

/// It was written and something was wrong with it; that has been noted.
struct Broken;

fn read_price(section: &mut Section<'_>, currency: Option<Currency>) -> Option<Money> {
    let message = "must be a decimal in quotation marks, such as \"349.00\", more than 0";
    let price = section.required("price", message, |text| {
        read_plain_decimal(text).filter(|price| !price.is_zero())
    })?;
    to_money(section, "price", price, currency?)
}

fn read_start_price(
    section: &mut Section<'_>,
    currency: Option<Currency>,
) -> Result<Option<Money>, Broken> {
    let given = section.has("start_price");
    let message = "must be a decimal in quotation marks, such as \"1.00\", not negative";
    let price = section.parsed("start_price", message, read_plain_decimal);
    if !given {
        return Ok(None);
    }
    let price = price.ok_or(Broken)?;
    to_money(section, "start_price", price, currency.ok_or(Broken)?)
        .map(Some)
        .ok_or(Broken)
}

fn to_money(section: &Section<'_>, key: &str, major: Decimal, currency: Currency) -> Option<Money> {
    match Money::from_major(major, currency) {
        Ok(money) => Some(money),
        Err(MoneyError::TooManyDecimals) => {
            let digits = currency.minor_digits();
            section.problem(
                key,
                format!("must have at most {digits} decimals in {currency}"),
            );
            None
        }
        Err(_) => {
            section.problem(key, "is too large");
            None
        }
    }
}

/// `349` or `349.00`: digits with at most one point, nothing else.
fn read_plain_decimal(text: &str) -> Option<Decimal> {
    let plain = text.starts_with(|first: char| first.is_ascii_digit())
        && text.ends_with(|last: char| last.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !plain {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

fn read_period(section: &mut Section<'_>) -> Result<Option<Period>, Broken> {
    let (has_length, has_type) = (section.has("period_length"), section.has("period_type"));
    let length = section.integer("period_length");
    let message = "must be days, weeks, months or years";
    let unit = section.parsed("period_type", message, |name| match name {
        "days" => Some(PeriodUnit::Days),
        "weeks" => Some(PeriodUnit::Weeks),
        "months" => Some(PeriodUnit::Months),
        "years" => Some(PeriodUnit::Years),
        _ => None,
    });
    match (has_length, has_type) {
        (false, false) => return Ok(None),
        (true, false) => {
            section.problem("period_type", "is required together with period_length");
        }
        (false, true) => {
            section.problem("period_length", "is required together with period_type");
        }
        (true, true) => {}
    }
    let length = length.map(|length| u32::try_from(length).ok().filter(|n| (1..=366).contains(n)));
    if length == Some(None) {
        section.problem("period_length", "must be from 1 to 366");
    }
    let (Some(Some(length)), Some(unit)) = (length, unit) else {
        return Err(Broken);
    };
    Ok(Some(Period { length, unit }))
}
