//! One client with its coupons, and a token's claims that can be changed one by one.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use mcpay_port::{Currency, Money, Period, PeriodUnit};
use rust_decimal::Decimal;

use crate::catalogue::Coupon;
use crate::clients::{CapturePolicy, Client, ClientCode, ClientProfile, RateLimit, StoredClient};
use crate::payments::terms::{FieldError, PageHints, Terms, read_terms};
use crate::signing::Claims;

pub(super) const CODE: &str = "no.mediaconnect.test";

pub(super) fn profile() -> ClientProfile {
    let client = Client {
        code: ClientCode(CODE.to_owned()),
        name: "Demo newspaper".to_owned(),
        company_code: "DEMO".to_owned(),
        merchant_group: "demo".to_owned(),
        country: "NO".to_owned(),
        default_currency: Currency::NOK,
        allowed_origins: vec![
            "https://shop.example".to_owned(),
            "http://localhost:8080".to_owned(),
        ],
        capture: CapturePolicy::OnOrder,
        rate_limit: RateLimit {
            per_second: NonZeroU32::MIN,
            per_minute: NonZeroU32::MIN,
        },
        claim_within: Duration::from_secs(24 * 3_600),
        pay_within: Duration::from_secs(3_600),
        language: "nb-NO".to_owned(),
        agreement_url: None,
        terms_url: None,
    };
    let eur = Currency::from_code("EUR").unwrap();
    let nok = |minor| Money::new(minor, Currency::NOK);
    let coupons = vec![
        coupon(1, nok(34_900), Some(nok(100))),
        coupon(2, nok(9_900), None),
        coupon(3, Money::new(2_000, eur), Some(Money::new(0, eur))),
    ];
    ClientProfile::new(&StoredClient {
        client,
        signing_keys: Vec::new(),
        oauth_secrets: Vec::new(),
        accounts: Vec::new(),
        coupons,
    })
    .unwrap()
}

fn coupon(number: i64, price: Money, start_price: Option<Money>) -> Coupon {
    Coupon {
        code: "TOTT".to_owned(),
        number,
        product: "TOTT".to_owned(),
        description: "Digital subscription, monthly".to_owned(),
        price,
        start_price,
        vat_percent: Decimal::from(25),
        period: Some(Period {
            length: 1,
            unit: PeriodUnit::Months,
        }),
    }
}

/// Claims as JSON text by name.
#[derive(Clone, Debug)]
pub(super) struct Token(BTreeMap<String, String>);

impl Token {
    /// A card payment of 349.50 in a seamless view: nothing but what is required.
    pub(super) fn card() -> Self {
        Self(BTreeMap::new())
            .with("clientCode", &format!("{CODE:?}"))
            .with("paymentMethod", r#""creditcardPayex""#)
            .with("recurring", "false")
            .with("amount", "349.50")
            .with("externalReference", r#""order-1""#)
    }

    /// The first payment of an agreement, by coupon.
    pub(super) fn agreement(number: &str) -> Self {
        Self::card()
            .with("recurring", "true")
            .without("amount")
            .with("productSpecCode", r#""TOTT""#)
            .with("productSpecNo", number)
    }

    pub(super) fn with(mut self, name: &str, json: &str) -> Self {
        self.0.insert(name.to_owned(), json.to_owned());
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    pub(super) fn json(&self) -> String {
        let claims = self.0.iter().map(|(name, json)| format!("{name:?}:{json}"));
        format!("{{{}}}", claims.collect::<Vec<_>>().join(","))
    }

    pub(super) fn read(&self) -> Result<Terms, Vec<FieldError>> {
        self.read_on(&PageHints::default())
    }

    pub(super) fn read_on(&self, page: &PageHints) -> Result<Terms, Vec<FieldError>> {
        read_json(&self.json(), page)
    }

    /// Field and code of every error.
    pub(super) fn errors(&self) -> Vec<(String, &'static str)> {
        let errors = self.read().err().unwrap_or_default();
        errors
            .into_iter()
            .map(|error| (error.field, error.code))
            .collect()
    }

    pub(super) fn refuses(&self, field: &str, code: &'static str) {
        let wanted = vec![(field.to_owned(), code)];
        assert_eq!(self.errors(), wanted, "{}", self.json());
    }
}

pub(super) fn read_json(json: &str, page: &PageHints) -> Result<Terms, Vec<FieldError>> {
    let claims = Claims::read(json.as_bytes()).unwrap();
    read_terms(&claims, &profile(), page, CODE)
}
