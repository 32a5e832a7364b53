//! An agreement as a row.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use mcpay_port::Money;

use super::{currency, parsed, stored, told, unreadable};
use crate::catalogue::CouponRef;
use crate::clients::ClientCode;
use crate::payments::agreement::{Agreement, AgreementStatus, NewAgreement};
use crate::store::failure::Failure;
use crate::store::schema::agreements;

#[derive(Insertable)]
#[diesel(table_name = agreements)]
pub struct AgreementRow {
    pub id: String,
    pub client_code: String,
    pub account_id: String,
    pub first_payment: String,
    pub currency: String,
    pub amount_minor: i64,
    pub coupon_code: String,
    pub coupon_number: i64,
    pub payer_reference: String,
    pub status: &'static str,
    pub created_at: NaiveDateTime,
}

impl AgreementRow {
    pub fn of(agreement: &NewAgreement) -> Self {
        Self {
            id: agreement.id.to_string(),
            client_code: agreement.client.as_str().to_owned(),
            account_id: agreement.account.to_string(),
            first_payment: agreement.first_payment.to_string(),
            currency: agreement.amount.currency().code().to_owned(),
            amount_minor: agreement.amount.minor(),
            coupon_code: agreement.coupon.code.clone(),
            coupon_number: agreement.coupon.number,
            payer_reference: agreement.payer_reference.clone(),
            // Without a token it is not active.
            status: AgreementStatus::Pending.as_str(),
            created_at: stored(agreement.created_at),
        }
    }
}

/// An agreement without its token.
#[derive(Queryable, Selectable)]
#[diesel(table_name = agreements)]
pub struct StoredAgreementRow {
    pub id: String,
    pub client_code: String,
    pub account_id: String,
    pub first_payment: String,
    pub currency: String,
    pub amount_minor: i64,
    pub coupon_code: String,
    pub coupon_number: i64,
    pub payer_reference: String,
    pub status: String,
    pub created_at: NaiveDateTime,
    pub activated_at: Option<NaiveDateTime>,
    pub version: i64,
    pub event_sequence: i64,
    pub stopped_at: Option<NaiveDateTime>,
}

impl StoredAgreementRow {
    /// `method` is the first payment's.
    pub fn read(self, method: &str) -> Result<Agreement, Failure> {
        let currency = currency(&self.currency, "agreements.currency")?;
        Ok(Agreement {
            id: parsed(&self.id, "agreements.id")?,
            client: ClientCode(self.client_code),
            account: parsed(&self.account_id, "agreements.account_id")?,
            first_payment: parsed(&self.first_payment, "agreements.first_payment")?,
            method: parsed(method, "payments.method")?,
            amount: Money::new(self.amount_minor, currency),
            coupon: CouponRef {
                code: self.coupon_code,
                number: self.coupon_number,
            },
            payer_reference: self.payer_reference,
            status: AgreementStatus::from_name(&self.status)
                .ok_or_else(|| unreadable("agreements.status"))?,
            version: self.version,
            event_sequence: self.event_sequence,
            created_at: told(self.created_at),
            activated_at: self.activated_at.map(told),
            stopped_at: self.stopped_at.map(told),
        })
    }
}
