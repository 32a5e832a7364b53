//! `[[client]]`.

use std::num::NonZeroU32;
use std::time::Duration;

use mcpay_port::Currency;
use toml::Value;

use super::account::read_accounts;
use super::coupon::read_coupon;
use super::duration::{self, read_duration};
use super::oauth::read_oauth;
use super::section::Section;
use super::signing_key::read_signing_keys;
use super::{ApplyOptions, Check, ClientDraft, Notice};
use crate::catalogue::Coupon;
use crate::clients::origin::{read_origin, read_url};
use crate::clients::{CapturePolicy, Client, ClientCode, RateLimit};

const DEFAULT_CLAIM_WITHIN: Duration = Duration::from_secs(24 * 3_600);
const DEFAULT_PAY_WITHIN: Duration = Duration::from_secs(3_600);

/// `None` when something was wrong and has been noted.
pub(super) fn read_client(
    mut section: Section<'_>,
    options: &ApplyOptions<'_>,
    check: Check<'_>,
    notices: &mut Vec<Notice>,
) -> Option<ClientDraft> {
    let message = "must be an ISO 4217 code in capital letters, such as NOK";
    let currency = section.required("default_currency", message, Currency::from_code);
    let client = read_settings(&mut section, currency);
    let signing_keys = read_signing_keys(&mut section, options);
    if signing_keys.is_empty() {
        notices.push(Notice {
            path: section.path("signing_key"),
            message: "there is none, so this client cannot start a payment".to_owned(),
        });
    }
    let oauth_secrets = read_oauth(&mut section, options);
    if client
        .as_ref()
        .is_some_and(|client| client.capture == CapturePolicy::Immediate)
    {
        notices.push(Notice {
            path: section.path("capture"),
            message: "this version authorises and does not capture yet".to_owned(),
        });
    }
    let accounts = read_accounts(&mut section, options, check, notices);
    let coupons = read_coupons(&mut section, currency);
    section.finish();
    Some(ClientDraft {
        client: client?,
        signing_keys,
        oauth_secrets,
        accounts,
        coupons,
    })
}

fn read_settings(section: &mut Section<'_>, currency: Option<Currency>) -> Option<Client> {
    let code = section.required(
        "client_code",
        "must have 1 to 100 lower-case letters, digits, dots or hyphens, such as no.example.shop",
        read_code,
    );
    let name = section.required_text("name", 200);
    let company_code = section.required_text("company_code", 100);
    let merchant_group = section.required_text("merchant_group", 100);
    let message = "must be an ISO 3166 code of two capital letters, such as NO";
    let country = section.required("country", message, read_country);
    let allowed_origins = read_origins(section);
    let message = "must be on_order, immediate or manual";
    let capture = section.parsed("capture", message, CapturePolicy::from_name);
    let rate_limit = read_rate_limit(section);
    let claim_within = section.parsed("claim_within", duration::MESSAGE, read_duration);
    let pay_within = section.parsed("pay_within", duration::MESSAGE, read_duration);
    let message = "must be a BCP 47 language with a country, such as nb-NO";
    let language = section.parsed("language", message, read_language);
    let message = "must be an absolute URL that begins with https:// or http://";
    let url = |text: &str| read_url(text).ok().map(String::from);
    let agreement_url = section.parsed("agreement_url", message, url);
    let terms_url = section.parsed("terms_url", message, url);
    let country = country?;
    Some(Client {
        code: ClientCode(code?),
        name: name?,
        company_code: company_code?,
        merchant_group: merchant_group?,
        default_currency: currency?,
        allowed_origins: allowed_origins?,
        capture: capture.unwrap_or(CapturePolicy::OnOrder),
        rate_limit: rate_limit?,
        claim_within: claim_within.unwrap_or(DEFAULT_CLAIM_WITHIN),
        pay_within: pay_within.unwrap_or(DEFAULT_PAY_WITHIN),
        language: language.unwrap_or_else(|| language_of(&country).to_owned()),
        agreement_url,
        terms_url,
        country,
    })
}

fn read_code(text: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    let fine = (1..=100).contains(&text.len()) && text.chars().all(allowed);
    fine.then(|| text.to_owned())
}

fn read_country(text: &str) -> Option<String> {
    let fine = text.len() == 2
        && text.bytes().all(|byte| byte.is_ascii_uppercase())
        && text.parse::<phonenumber::country::Id>().is_ok();
    fine.then(|| text.to_owned())
}

fn read_language(text: &str) -> Option<String> {
    let (language, country) = text.split_once('-')?;
    let fine = (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase());
    fine.then(|| text.to_owned())
}

fn language_of(country: &str) -> &'static str {
    match country {
        "NO" => "nb-NO",
        "SE" => "sv-SE",
        "DK" => "da-DK",
        "FI" => "fi-FI",
        _ => "en-US",
    }
}

fn read_origins(section: &mut Section<'_>) -> Option<Vec<String>> {
    const KEY: &str = "allowed_origins";
    let list = match section.take(KEY) {
        Some(Value::Array(list)) if !list.is_empty() => list,
        _ => {
            let message = "is required: a list of at least one origin, such as \
                           [\"https://shop.example\"]";
            section.problem(KEY, message);
            return None;
        }
    };
    let mut origins = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        match item.as_str().and_then(read_origin) {
            Some(origin) if origins.contains(&origin) => {}
            Some(origin) => origins.push(origin),
            None => section.problem(
                &format!("{KEY}[{index}]"),
                "must be an origin such as https://shop.example, without a path",
            ),
        }
    }
    Some(origins)
}

fn read_rate_limit(section: &mut Section<'_>) -> Option<RateLimit> {
    if !section.has("rate_limit") {
        let _absent = section.section("rate_limit");
        return Some(RateLimit {
            per_second: NonZeroU32::new(100)?,
            per_minute: NonZeroU32::new(2_000)?,
        });
    }
    let mut limits = section.section("rate_limit")?;
    let mut read = |key: &'static str, otherwise: u32| {
        if !limits.has(key) {
            let _absent = limits.integer(key);
            return NonZeroU32::new(otherwise);
        }
        let number = limits.integer(key)?;
        let limit = u32::try_from(number).ok().and_then(NonZeroU32::new);
        if limit.is_none() {
            limits.problem(key, "must be a whole number of at least 1");
        }
        limit
    };
    let (per_second, per_minute) = (read("per_second", 100), read("per_minute", 2_000));
    limits.finish();
    Some(RateLimit {
        per_second: per_second?,
        per_minute: per_minute?,
    })
}

fn read_coupons(section: &mut Section<'_>, currency: Option<Currency>) -> Vec<Coupon> {
    let mut coupons: Vec<Coupon> = Vec::new();
    for part in section.sections("coupon") {
        let (path, problems) = (part.path("number"), part.problems());
        let Some(coupon) = read_coupon(part, currency) else {
            continue;
        };
        let same = |known: &Coupon| known.code == coupon.code && known.number == coupon.number;
        if coupons.iter().any(same) {
            problems.add(
                path,
                "is, with this code, there twice; each coupon needs its own",
            );
        } else {
            coupons.push(coupon);
        }
    }
    coupons
}
