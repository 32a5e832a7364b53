//! A new agreement as a row.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::stored;
use crate::payments::agreement::NewAgreement;
use crate::store::schema::agreements;

/// How an agreement begins: without a token, so not active.
pub const PENDING: &str = "pending";
pub const ACTIVE: &str = "active";

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
            status: PENDING,
            created_at: stored(agreement.created_at),
        }
    }
}
