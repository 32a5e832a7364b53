//! Coupon, currency, amounts and VAT (CONTRACT 4.1 and 8.1).

use chrono::{DateTime, Utc};
use mcpay_port::{Currency, Money, MoneyError};
use rust_decimal::Decimal;

use super::AgreementPrice;
use super::reader::{Claim, Reader};
use crate::catalogue::Coupon;
use crate::catalogue::CouponRef;
use crate::catalogue::vat::{included_vat, proportional_vat};
use crate::clients::ClientProfile;

/// What is taken now, and later.
pub(super) struct Price {
    pub(super) amount: Money,
    pub(super) vat: Money,
    pub(super) agreement: Option<AgreementPrice>,
    pub(super) coupon: Option<CouponRef>,
}

/// The claims about money, each read and found well formed by itself.
struct Parts<'a> {
    coupon: Claim<&'a Coupon>,
    /// `None` while it depends on a broken claim.
    currency: Option<Currency>,
    amount: Claim<Decimal>,
    vat: Claim<Decimal>,
    start: Claim<Decimal>,
}

/// `None` where something was wrong and has been recorded. `recurring` is `None` when that claim
/// was wrong: then rules that depend on it wait.
pub(super) fn read_price(
    reader: &mut Reader<'_>,
    profile: &ClientProfile,
    recurring: Option<bool>,
    now: DateTime<Utc>,
) -> Option<Price> {
    let coupon = read_coupon(reader, profile, recurring, now);
    let stated = read_currency(reader);
    let parts = Parts {
        currency: match (stated, coupon) {
            (Claim::Given(currency), _) => Some(currency),
            (Claim::Broken, _) | (Claim::Absent, Claim::Broken) => None,
            (Claim::Absent, Claim::Given(coupon)) => Some(coupon.price.currency()),
            (Claim::Absent, Claim::Absent) => Some(profile.client.default_currency),
        },
        coupon,
        amount: read_amount(reader, "amount", Least::MoreThanZero),
        vat: read_amount(reader, "vatAmount", Least::Zero),
        start: read_amount(reader, "subscriptionStartAmount", Least::Zero),
    };
    let amount = price_amount(reader, &parts);
    let vat = stated_vat(reader, &parts, amount);
    let start = start_amount(reader, &parts, recurring);
    assemble(reader, &parts, recurring?, amount?, vat, start)
}

fn assemble(
    reader: &mut Reader<'_>,
    parts: &Parts<'_>,
    recurring: bool,
    amount: Money,
    vat: Claim<Money>,
    start: Claim<Money>,
) -> Option<Price> {
    let taken = match start {
        Claim::Given(start) => start,
        Claim::Absent => amount,
        Claim::Broken => return None,
    };
    let coupon = parts.coupon.given();
    let vat = match (vat, coupon) {
        (Claim::Broken, _) => return None,
        (Claim::Given(vat), _) => proportional_vat(vat, taken, amount),
        (Claim::Absent, Some(coupon)) => included_vat(taken, coupon.vat_percent),
        (Claim::Absent, None) => Ok(Money::zero(taken.currency())),
    };
    let Ok(vat) = vat else {
        reader.refuse(
            "vatAmount",
            "out_of_range",
            "cannot be computed for this amount.",
        );
        return None;
    };
    Some(Price {
        amount: taken,
        vat,
        agreement: recurring.then(|| AgreementPrice {
            amount,
            period: coupon.and_then(|coupon| coupon.period),
        }),
        coupon: coupon.map(|coupon| CouponRef {
            code: coupon.code.clone(),
            number: coupon.number,
        }),
    })
}

fn read_coupon<'a>(
    reader: &mut Reader<'_>,
    profile: &'a ClientProfile,
    recurring: Option<bool>,
    now: DateTime<Utc>,
) -> Claim<&'a Coupon> {
    let code = reader.text("productSpecCode");
    let number = reader.integer("productSpecNo");
    match (&code, &number) {
        (Claim::Absent, Claim::Absent) => {
            if recurring == Some(true) {
                let message = "is required when recurring is true.";
                reader.refuse("productSpecCode", "required", message);
                reader.refuse("productSpecNo", "required", message);
                return Claim::Broken;
            }
            return Claim::Absent;
        }
        (Claim::Absent, _) => {
            let message = "is required together with productSpecNo.";
            reader.refuse("productSpecCode", "required", message);
        }
        (_, Claim::Absent) => {
            let message = "is required together with productSpecCode.";
            reader.refuse("productSpecNo", "required", message);
        }
        _ => {}
    }
    let (Some(code), Some(number)) = (code.given(), number.given()) else {
        return Claim::Broken;
    };
    let (problem, message) = match profile.coupons.get(&CouponRef { code, number }) {
        Some(coupon) if coupon.is_valid_at(now) => return Claim::Given(coupon),
        Some(_) => (
            "coupon_not_valid",
            "is a coupon that is not valid yet, or no longer.",
        ),
        None => (
            "unknown_coupon",
            "is, with this productSpecNo, not a coupon of this client.",
        ),
    };
    reader.refuse("productSpecCode", problem, message);
    Claim::Broken
}

fn read_currency(reader: &mut Reader<'_>) -> Claim<Currency> {
    let claim = reader.text("currency");
    reader.check(claim, "currency", |code| {
        Currency::from_code(&code).ok_or((
            "invalid",
            "must be an ISO 4217 code in capital letters, such as NOK.".to_owned(),
        ))
    })
}

#[derive(Clone, Copy)]
enum Least {
    Zero,
    MoreThanZero,
}

fn read_amount(reader: &mut Reader<'_>, field: &str, least: Least) -> Claim<Decimal> {
    let claim = reader.decimal(field);
    reader.check(claim, field, |value| match least {
        Least::Zero if value < Decimal::ZERO => {
            Err(("out_of_range", "must not be negative.".to_owned()))
        }
        Least::MoreThanZero if value <= Decimal::ZERO => {
            Err(("out_of_range", "must be more than 0.".to_owned()))
        }
        _ => Ok(value),
    })
}

/// The price: the claim, else the coupon's.
fn price_amount(reader: &mut Reader<'_>, parts: &Parts<'_>) -> Option<Money> {
    match (parts.amount, parts.coupon) {
        (Claim::Broken, _) | (Claim::Absent, Claim::Broken) => None,
        (Claim::Absent, Claim::Absent) => {
            reader.refuse("amount", "required", "is required without a coupon.");
            None
        }
        (Claim::Absent, Claim::Given(coupon)) => {
            let price = coupon.price;
            if price.currency() != parts.currency? {
                let message = "is not the currency of the coupon's price; leave it out, or give \
                               an amount.";
                reader.refuse("currency", "conflict", message);
                return None;
            }
            if !price.is_positive() {
                let message = "is required, because the coupon has no price.";
                reader.refuse("amount", "required", message);
                return None;
            }
            Some(price)
        }
        (Claim::Given(amount), _) => to_money(reader, "amount", amount, parts.currency?).given(),
    }
}

fn stated_vat(reader: &mut Reader<'_>, parts: &Parts<'_>, amount: Option<Money>) -> Claim<Money> {
    let (Claim::Given(vat), Some(currency)) = (parts.vat, parts.currency) else {
        return if parts.vat.is_absent() {
            Claim::Absent
        } else {
            Claim::Broken
        };
    };
    let vat = to_money(reader, "vatAmount", vat, currency);
    reader.check(vat, "vatAmount", |vat| match amount {
        Some(amount) if vat.minor() > amount.minor() => Err((
            "out_of_range",
            "must not be more than the amount.".to_owned(),
        )),
        _ => Ok(vat),
    })
}

/// The first charge of an agreement: the claim, else the coupon's start price; nothing when the
/// payment is not the first of an agreement.
fn start_amount(
    reader: &mut Reader<'_>,
    parts: &Parts<'_>,
    recurring: Option<bool>,
) -> Claim<Money> {
    const FIELD: &str = "subscriptionStartAmount";
    if recurring == Some(false) && !parts.start.is_absent() {
        if !parts.start.is_broken() {
            let message = "is the first charge of an agreement; leave it out when recurring is \
                           false.";
            reader.refuse(FIELD, "not_allowed", message);
        }
        return Claim::Broken;
    }
    let Some(currency) = parts.currency else {
        return Claim::Broken;
    };
    match parts.start {
        Claim::Broken => Claim::Broken,
        Claim::Given(start) => to_money(reader, FIELD, start, currency),
        Claim::Absent if recurring != Some(true) => Claim::Absent,
        Claim::Absent => coupon_start(reader, parts, currency),
    }
}

fn coupon_start(reader: &mut Reader<'_>, parts: &Parts<'_>, currency: Currency) -> Claim<Money> {
    let Claim::Given(coupon) = parts.coupon else {
        return Claim::Absent;
    };
    let Some(start) = coupon.start_price else {
        return Claim::Absent;
    };
    if start.currency() == currency {
        return Claim::Given(start);
    }
    // Where the price itself cannot be used, `price_amount` has already said so of the currency.
    if !parts.amount.is_absent() || coupon.price.currency() == currency {
        let message = "is required, because the coupon's start price is in another currency.";
        reader.refuse("subscriptionStartAmount", "conflict", message);
    }
    Claim::Broken
}

fn to_money(
    reader: &mut Reader<'_>,
    field: &str,
    value: Decimal,
    currency: Currency,
) -> Claim<Money> {
    reader.check(Claim::Given(value), field, |value| {
        Money::from_major(value, currency).map_err(|problem| match problem {
            MoneyError::TooManyDecimals => (
                "too_many_decimals",
                format!(
                    "must have at most {} decimals in {currency}.",
                    currency.minor_digits()
                ),
            ),
            _ => ("out_of_range", "is too large.".to_owned()),
        })
    })
}
