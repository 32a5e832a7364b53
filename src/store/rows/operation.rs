//! An operation as a row.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use mcpay_port::Operation;

use super::{parsed, stored, unreadable};
use crate::payments::operation::{NewOperation, OperationKind, OperationOutcome, OperationStatus};
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
}

impl NewOperationRow {
    pub fn of(operation: &NewOperation) -> Result<Self, Failure> {
        Ok(Self {
            id: operation.operation.id.to_string(),
            number: i64::try_from(operation.operation.number)
                .map_err(|_| Failure::broken("the operation's number has more than 12 digits"))?,
            mcpay_ref: operation.payment.to_string(),
            kind: operation.kind.as_str(),
            amount_minor: operation.amount.map(mcpay_port::Money::minor),
            status: OperationStatus::Requested.as_str(),
            requested_at: stored(operation.requested_at),
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
}

impl OutcomeRow {
    pub fn of(outcome: &OperationOutcome) -> Self {
        Self {
            status: outcome.status.as_str(),
            code: outcome.code.clone(),
            finished_at: stored(outcome.finished_at),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = operations)]
pub struct OperationRow {
    pub id: String,
    pub number: i64,
    pub kind: String,
}

impl OperationRow {
    pub fn read(self) -> Result<(Operation, OperationKind), Failure> {
        let operation = Operation {
            id: parsed(&self.id, "operations.id")?,
            number: u64::try_from(self.number).map_err(|_| unreadable("operations.number"))?,
        };
        let kind = [
            OperationKind::Initiate,
            OperationKind::Close,
            OperationKind::Capture,
            OperationKind::Cancel,
            OperationKind::Refund,
            OperationKind::Charge,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == self.kind)
        .ok_or_else(|| unreadable("operations.kind"))?;
        Ok((operation, kind))
    }
}
