//! An operation as a row.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use mcpay_port::{Currency, Money, Operation};

use super::{parsed, stored, told, unreadable};
use crate::payments::operation::{
    NewOperation, OperationKind, OperationOutcome, OperationStatus, StoredOperation,
};
use crate::store::failure::Failure;
use crate::store::schema::operations;

#[derive(Insertable)]
#[diesel(table_name = operations, treat_none_as_default_value = false)]
pub struct NewOperationRow {
    pub id: String,
    pub number: i64,
    pub mcpay_ref: String,
    pub kind: &'static str,
    pub amount_minor: Option<i64>,
    pub status: &'static str,
    pub requested_at: NaiveDateTime,
    pub vat_minor: Option<i64>,
    pub order_id: Option<i64>,
    pub due_at: Option<NaiveDateTime>,
    pub tries: i32,
}

impl NewOperationRow {
    pub fn of(operation: &NewOperation) -> Result<Self, Failure> {
        Ok(Self {
            id: operation.operation.id.to_string(),
            number: i64::try_from(operation.operation.number)
                .map_err(|_| Failure::broken("the operation's number has more than 12 digits"))?,
            mcpay_ref: operation.payment.to_string(),
            kind: operation.kind.as_str(),
            amount_minor: operation.amount.map(Money::minor),
            status: OperationStatus::Requested.as_str(),
            requested_at: stored(operation.requested_at),
            vat_minor: operation.vat.map(Money::minor),
            order_id: operation.order,
            due_at: operation.due_at.map(stored),
            tries: 0,
        })
    }
}

/// How an operation ended.
#[derive(AsChangeset)]
#[diesel(table_name = operations, treat_none_as_null = true)]
pub struct OutcomeRow {
    pub status: &'static str,
    pub code: Option<String>,
    pub finished_at: NaiveDateTime,
    pub due_at: Option<NaiveDateTime>,
}

impl OutcomeRow {
    pub fn of(outcome: &OperationOutcome) -> Self {
        Self {
            status: outcome.status.as_str(),
            code: outcome.code.clone(),
            finished_at: stored(outcome.finished_at),
            due_at: outcome.due_at.map(stored),
        }
    }
}

/// An operation and the currency of its payment, which its amounts are in.
#[derive(Queryable, Selectable)]
#[diesel(table_name = operations)]
pub struct OperationRow {
    pub id: String,
    pub number: i64,
    pub mcpay_ref: String,
    pub kind: String,
    pub amount_minor: Option<i64>,
    pub status: String,
    pub code: Option<String>,
    pub requested_at: NaiveDateTime,
    pub finished_at: Option<NaiveDateTime>,
    pub vat_minor: Option<i64>,
    pub order_id: Option<i64>,
    pub due_at: Option<NaiveDateTime>,
    pub tries: i32,
}

impl OperationRow {
    /// `currency` is the payment's.
    pub fn read(self, currency: Currency) -> Result<StoredOperation, Failure> {
        let money = |minor| Money::new(minor, currency);
        Ok(StoredOperation {
            operation: Operation {
                id: parsed(&self.id, "operations.id")?,
                number: u64::try_from(self.number).map_err(|_| unreadable("operations.number"))?,
            },
            payment: parsed(&self.mcpay_ref, "operations.mcpay_ref")?,
            kind: OperationKind::from_name(&self.kind)
                .ok_or_else(|| unreadable("operations.kind"))?,
            amount: self.amount_minor.map(money),
            vat: self.vat_minor.map(money),
            order: self.order_id,
            status: OperationStatus::from_name(&self.status)
                .ok_or_else(|| unreadable("operations.status"))?,
            code: self.code,
            requested_at: told(self.requested_at),
            finished_at: self.finished_at.map(told),
            due_at: self.due_at.map(told),
            tries: self.tries,
        })
    }
}
