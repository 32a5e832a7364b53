//! Clients, their keys, accounts and coupons as rows. Secrets are sealed and opened here.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use mcpay_port::{Account, AccountSettings, Money, Period, PeriodUnit};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::{currency, minor_of, parsed, stored, told, unreadable};
use crate::catalogue::Coupon;
use crate::clients::{CapturePolicy, Client, ClientCode, RateLimit, StoredAccount};
use crate::signing::{SigningAlgorithm, SigningKeyConfig};
use crate::store::failure::Failure;
use crate::store::schema::{accounts, clients, coupons, signing_keys};
use crate::store::sealing::{MasterKey, Place};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = clients, primary_key(code))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ClientRow {
    pub code: String,
    pub name: String,
    pub company_code: String,
    pub merchant_group: String,
    pub country: String,
    pub default_currency: String,
    pub allowed_origins: serde_json::Value,
    pub capture: String,
    pub rate_per_second: i64,
    pub rate_per_minute: i64,
    pub claim_within_milliseconds: i64,
    pub pay_within_milliseconds: i64,
    pub language: String,
    pub agreement_url: Option<String>,
    pub terms_url: Option<String>,
    pub applied_at: NaiveDateTime,
}

impl ClientRow {
    pub fn of(client: &Client, applied_at: DateTime<Utc>) -> Result<Self, Failure> {
        Ok(Self {
            code: client.code.as_str().to_owned(),
            name: client.name.clone(),
            company_code: client.company_code.clone(),
            merchant_group: client.merchant_group.clone(),
            country: client.country.clone(),
            default_currency: client.default_currency.code().to_owned(),
            allowed_origins: client.allowed_origins.clone().into(),
            capture: client.capture.as_str().to_owned(),
            rate_per_second: client.rate_limit.per_second.get().into(),
            rate_per_minute: client.rate_limit.per_minute.get().into(),
            claim_within_milliseconds: milliseconds(client.claim_within)?,
            pay_within_milliseconds: milliseconds(client.pay_within)?,
            language: client.language.clone(),
            agreement_url: client.agreement_url.clone(),
            terms_url: client.terms_url.clone(),
            applied_at: stored(applied_at),
        })
    }

    pub fn read(self) -> Result<Client, Failure> {
        Ok(Client {
            code: ClientCode(self.code),
            name: self.name,
            company_code: self.company_code,
            merchant_group: self.merchant_group,
            country: self.country,
            default_currency: currency(&self.default_currency, "clients.default_currency")?,
            allowed_origins: serde_json::from_value(self.allowed_origins)
                .map_err(|_| unreadable("clients.allowed_origins"))?,
            capture: CapturePolicy::from_name(&self.capture)
                .ok_or_else(|| unreadable("clients.capture"))?,
            rate_limit: RateLimit {
                per_second: rate(self.rate_per_second)?,
                per_minute: rate(self.rate_per_minute)?,
            },
            claim_within: duration(self.claim_within_milliseconds)?,
            pay_within: duration(self.pay_within_milliseconds)?,
            language: self.language,
            agreement_url: self.agreement_url,
            terms_url: self.terms_url,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = signing_keys, primary_key(client_code, kid))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SigningKeyRow {
    pub client_code: String,
    pub kid: String,
    pub algorithm: String,
    pub material: Vec<u8>,
    #[diesel(skip_update)]
    pub created_at: NaiveDateTime,
    pub revoked_at: Option<NaiveDateTime>,
}

impl SigningKeyRow {
    pub fn of(
        client: &ClientCode,
        key: &SigningKeyConfig,
        created_at: DateTime<Utc>,
        master_key: &MasterKey,
    ) -> Result<Self, Failure> {
        let place = Self::place(client.as_str(), &key.kid);
        Ok(Self {
            client_code: client.as_str().to_owned(),
            kid: key.kid.clone(),
            algorithm: key.algorithm.as_str().to_owned(),
            material: master_key.seal(&place, key.material.expose_secret().as_bytes())?,
            created_at: stored(created_at),
            revoked_at: None,
        })
    }

    pub fn read(self, master_key: &MasterKey) -> Result<SigningKeyConfig, Failure> {
        let place = Self::place(&self.client_code, &self.kid);
        let material = master_key.open_text(&place, &self.material)?;
        Ok(SigningKeyConfig {
            kid: self.kid,
            algorithm: SigningAlgorithm::from_name(&self.algorithm)
                .ok_or_else(|| unreadable("signing_keys.algorithm"))?,
            material: SecretString::from(material.as_str()),
        })
    }

    fn place(client: &str, kid: &str) -> Place {
        Place::new("signing_keys", "material", &[client, kid])
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub struct AccountRow {
    pub id: String,
    pub client_code: String,
    pub provider: String,
    pub settings: Vec<u8>,
    pub callback_secret: Vec<u8>,
    pub created_at: NaiveDateTime,
    pub superseded_at: Option<NaiveDateTime>,
}

impl AccountRow {
    pub fn of(
        client: &ClientCode,
        account: &Account,
        callback_secret: &SecretSlice<u8>,
        created_at: DateTime<Utc>,
        master_key: &MasterKey,
    ) -> Result<Self, Failure> {
        let id = account.id.to_string();
        let settings = account.settings.expose_json().as_bytes();
        Ok(Self {
            settings: master_key.seal(&Self::settings_place(&id), settings)?,
            callback_secret: master_key
                .seal(&Self::callback_place(&id), callback_secret.expose_secret())?,
            id,
            client_code: client.as_str().to_owned(),
            provider: account.provider.as_str().to_owned(),
            created_at: stored(created_at),
            superseded_at: None,
        })
    }

    pub fn read(self, master_key: &MasterKey) -> Result<StoredAccount, Failure> {
        let mut settings = master_key.open_text(&Self::settings_place(&self.id), &self.settings)?;
        let callback_secret =
            master_key.open(&Self::callback_place(&self.id), &self.callback_secret)?;
        Ok(StoredAccount {
            account: Account {
                id: parsed(&self.id, "accounts.id")?,
                provider: parsed(&self.provider, "accounts.provider")?,
                settings: AccountSettings::from_json(std::mem::take(&mut *settings)),
            },
            current: self.superseded_at.is_none(),
            callback_secret: SecretSlice::from(callback_secret.to_vec()),
        })
    }

    fn settings_place(id: &str) -> Place {
        Place::new("accounts", "settings", &[id])
    }

    fn callback_place(id: &str) -> Place {
        Place::new("accounts", "callback_secret", &[id])
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = coupons, primary_key(client_code, code, number))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct CouponRow {
    pub client_code: String,
    pub code: String,
    pub number: i64,
    pub product: String,
    pub description: String,
    pub currency: String,
    pub price_minor: i64,
    pub start_price_minor: Option<i64>,
    pub vat_percent: String,
    pub period_length: Option<i64>,
    pub period_unit: Option<String>,
    pub closed_at: Option<NaiveDateTime>,
    pub valid_from: Option<NaiveDateTime>,
    pub valid_until: Option<NaiveDateTime>,
}

impl CouponRow {
    pub fn of(client: &ClientCode, coupon: &Coupon) -> Result<Self, Failure> {
        let currency = coupon.price.currency();
        Ok(Self {
            client_code: client.as_str().to_owned(),
            code: coupon.code.clone(),
            number: coupon.number,
            product: coupon.product.clone(),
            description: coupon.description.clone(),
            currency: currency.code().to_owned(),
            price_minor: coupon.price.minor(),
            start_price_minor: coupon
                .start_price
                .map(|price| minor_of(price, currency))
                .transpose()?,
            vat_percent: coupon.vat_percent.to_string(),
            period_length: coupon.period.map(|period| period.length.into()),
            period_unit: coupon
                .period
                .map(|period| unit_name(period.unit).to_owned()),
            closed_at: None,
            valid_from: coupon.valid_from.map(stored),
            valid_until: coupon.valid_until.map(stored),
        })
    }

    pub fn read(self) -> Result<Coupon, Failure> {
        let currency = currency(&self.currency, "coupons.currency")?;
        let period = match (self.period_length, self.period_unit) {
            (Some(length), Some(unit)) => Some(Period {
                length: u32::try_from(length).map_err(|_| unreadable("coupons.period_length"))?,
                unit: unit_of(&unit)?,
            }),
            _ => None,
        };
        Ok(Coupon {
            code: self.code,
            number: self.number,
            product: self.product,
            description: self.description,
            price: Money::new(self.price_minor, currency),
            start_price: self
                .start_price_minor
                .map(|minor| Money::new(minor, currency)),
            vat_percent: parsed(&self.vat_percent, "coupons.vat_percent")?,
            period,
            valid_from: self.valid_from.map(told),
            valid_until: self.valid_until.map(told),
        })
    }
}

const UNITS: [(PeriodUnit, &str); 4] = [
    (PeriodUnit::Days, "days"),
    (PeriodUnit::Weeks, "weeks"),
    (PeriodUnit::Months, "months"),
    (PeriodUnit::Years, "years"),
];

fn unit_name(unit: PeriodUnit) -> &'static str {
    match unit {
        PeriodUnit::Days => "days",
        PeriodUnit::Weeks => "weeks",
        PeriodUnit::Months => "months",
        PeriodUnit::Years => "years",
    }
}

fn unit_of(name: &str) -> Result<PeriodUnit, Failure> {
    UNITS
        .into_iter()
        .find(|unit| unit.1 == name)
        .map(|unit| unit.0)
        .ok_or_else(|| unreadable("coupons.period_unit"))
}

fn milliseconds(duration: Duration) -> Result<i64, Failure> {
    i64::try_from(duration.as_millis())
        .map_err(|_| Failure::broken("a duration of the client is too long"))
}

fn duration(milliseconds: i64) -> Result<Duration, Failure> {
    u64::try_from(milliseconds)
        .map(Duration::from_millis)
        .map_err(|_| unreadable("a duration in clients"))
}

fn rate(rate: i64) -> Result<NonZeroU32, Failure> {
    u32::try_from(rate)
        .ok()
        .and_then(NonZeroU32::new)
        .ok_or_else(|| unreadable("a rate in clients"))
}
