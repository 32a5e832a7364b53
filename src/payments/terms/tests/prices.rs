//! Amounts, coupons, currencies and VAT.

use mcpay_port::{Money, PeriodUnit};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::fixture::Token;

fn minor(money: Money) -> (i64, &'static str) {
    (money.minor(), money.currency().code())
}

#[test]
fn a_coupon_gives_price_period_and_vat() {
    let once = Token::agreement("1")
        .with("recurring", "false")
        .read()
        .unwrap();
    assert_eq!(
        minor(once.amount),
        (34_900, "NOK"),
        "its start price is for agreements"
    );
    assert_eq!(minor(once.vat), (6_980, "NOK"));
    assert!(once.agreement.is_none());
    assert_eq!(once.coupon.unwrap().number, 1);
}

#[test]
fn the_first_charge_of_an_agreement_is_its_start_amount() {
    let by_coupon = Token::agreement("1").read().unwrap();
    assert_eq!(minor(by_coupon.amount), (100, "NOK"));
    assert_eq!(minor(by_coupon.vat), (20, "NOK"));
    let agreement = by_coupon.agreement.unwrap();
    assert_eq!(minor(agreement.amount), (34_900, "NOK"));
    let period = agreement.period.unwrap();
    assert_eq!((period.length, period.unit), (1, PeriodUnit::Months));

    let by_claim = Token::agreement("1")
        .with("subscriptionStartAmount", "10.5")
        .read();
    assert_eq!(minor(by_claim.unwrap().amount), (1_050, "NOK"));
    let without = Token::agreement("2").read().unwrap();
    assert_eq!(minor(without.amount), (9_900, "NOK"));
    let zero = Token::agreement("1")
        .with("subscriptionStartAmount", "0")
        .read()
        .unwrap();
    assert!(zero.amount.is_zero() && zero.vat.is_zero());
    assert_eq!(minor(zero.agreement.unwrap().amount), (34_900, "NOK"));
}

#[test]
fn a_stated_vat_is_of_the_price_and_a_start_amount_has_its_share() {
    let stated = Token::agreement("1")
        .with("amount", "400")
        .with("vatAmount", "60");
    assert_eq!(
        minor(stated.read().unwrap().vat),
        (15, "NOK"),
        "60 * 1 / 400"
    );
    let once = Token::card().with("vatAmount", "349.5").read().unwrap();
    assert_eq!(once.vat, once.amount);
}

#[test]
fn a_stated_amount_goes_before_the_coupons_price() {
    let terms = Token::agreement("2").with("amount", "1e2").read().unwrap();
    assert_eq!(
        (minor(terms.amount), minor(terms.vat)),
        ((10_000, "NOK"), (2_000, "NOK"))
    );
}

#[test]
fn the_currency_is_the_claims_then_the_coupons_then_the_clients() {
    let claimed = Token::card().with("currency", r#""SEK""#).read().unwrap();
    assert_eq!(minor(claimed.amount), (34_950, "SEK"));
    let coupons = Token::agreement("3")
        .with("recurring", "false")
        .read()
        .unwrap();
    assert_eq!(minor(coupons.amount), (2_000, "EUR"));
    let no_decimals = Token::card().with("currency", r#""JPY""#);
    no_decimals.refuses("amount", "too_many_decimals");
    let yen = no_decimals.with("amount", "350.00").read().unwrap();
    assert_eq!(minor(yen.amount), (350, "JPY"));
    let dinar = Token::card()
        .with("currency", r#""BHD""#)
        .with("amount", "1.234");
    assert_eq!(minor(dinar.read().unwrap().amount), (1_234, "BHD"));
}

#[test]
fn a_coupon_in_another_currency_needs_amounts_of_its_own() {
    let claimed = Token::agreement("1").with("currency", r#""SEK""#);
    claimed.refuses("currency", "conflict");
    let with_amount = claimed.with("amount", "400");
    with_amount.refuses("subscriptionStartAmount", "conflict");
    let both = with_amount
        .with("subscriptionStartAmount", "2")
        .read()
        .unwrap();
    assert_eq!(minor(both.amount), (200, "SEK"));
    let no_start = Token::agreement("2")
        .with("currency", r#""SEK""#)
        .with("amount", "9");
    assert_eq!(minor(no_start.read().unwrap().amount), (900, "SEK"));
}

#[test]
fn a_coupon_is_named_by_code_and_number_and_must_be_the_clients() {
    Token::agreement("1")
        .without("productSpecNo")
        .refuses("productSpecNo", "required");
    Token::agreement("1")
        .without("productSpecCode")
        .refuses("productSpecCode", "required");
    for number in ["9", "-1", "9223372036854775807"] {
        Token::agreement(number).refuses("productSpecCode", "unknown_coupon");
    }
    for number in [r#""1""#, "1.5", "9223372036854775808", "true"] {
        Token::agreement(number).refuses("productSpecNo", "invalid");
    }
    Token::agreement("1.0").read().unwrap();
    let none = Token::card().with("recurring", "true").errors();
    let wanted = ["productSpecCode", "productSpecNo"].map(|field| (field.to_owned(), "required"));
    assert_eq!(none, wanted);
}

proptest! {
    #[test]
    fn an_accepted_amount_is_exactly_the_number_that_was_written(
        text in "(0|[1-9][0-9]{0,20})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?",
    ) {
        if let Ok(terms) = Token::card().with("amount", &text).read() {
            let read: Decimal = if text.contains(['e', 'E']) {
                Decimal::from_scientific(&text).unwrap()
            } else {
                text.parse().unwrap()
            };
            prop_assert_eq!(terms.amount.to_major(), read);
        }
    }

    #[test]
    fn every_amount_of_two_decimals_is_accepted(minor in 1..i64::MAX) {
        let text = Decimal::new(minor, 2).to_string();
        let terms = Token::card().with("amount", &text).read().unwrap();
        prop_assert_eq!(terms.amount.minor(), minor);
    }
}
